/**
 * Numbers that name cards and subscribers: ICCID, EID, IMSI, SUPI, MSISDN, the access classes that follow from one, and the
 * ranges orders are made of.
 *
 * <p>Everything here is a value: checked once when made, never changed. Touches the JDK only; does no I/O and logs
 * nothing.
 */
@NullMarked
package org.kiln.transfer.numbering;

import org.jspecify.annotations.NullMarked;
