/**
 * Batches whose keys a vendor's HSM made: opened, held against the order, taken in, and passed on to the
 * order's recipients. May touch {@code order}, {@code output} and {@code generation}, whose lines it fills.
 */
@NullMarked
package org.kiln.personalisation.intake;

import org.jspecify.annotations.NullMarked;
