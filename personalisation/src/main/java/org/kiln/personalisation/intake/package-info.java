/**
 * Batches whose keys a vendor's HSM made: opened, held against the order, and taken in. May touch {@code order}.
 */
@NullMarked
package org.kiln.personalisation.intake;

import org.jspecify.annotations.NullMarked;
