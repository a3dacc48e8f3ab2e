/**
 * Numbers that name cards and subscribers: ICCID, IMSI, SUPI, and the ranges orders are made of.
 *
 * <p>Everything here is a value: checked once when made, never changed. Touches the JDK only; does no I/O and logs
 * nothing.
 */
@NullMarked
package org.kiln.transfer.numbering;

import org.jspecify.annotations.NullMarked;
