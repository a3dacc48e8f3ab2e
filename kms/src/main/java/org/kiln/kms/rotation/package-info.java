/**
 * Versions of the storage keys and the move of what is stored from one to the next. May touch {@code store}, {@code keys}
 * and {@code hsm}; knows no table but its own.
 */
@NullMarked
package org.kiln.kms.rotation;

import org.jspecify.annotations.NullMarked;
