/**
 * GSUP, the protocol between an Osmocom core and its HLR (OsmoHLR user manual, chapter "Generic Subscriber Update
 * Protocol"), as far as it asks for vectors. May touch {@code auc}, {@code aka}, {@code hsm} and the numbering; opens no
 * port itself.
 */
@NullMarked
package org.kiln.kms.gsup;

import org.jspecify.annotations.NullMarked;
