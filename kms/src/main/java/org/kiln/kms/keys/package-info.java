/**
 * The key hierarchy: storage keys and their versions, transport keys, key check values, wrapping and unwrapping,
 * ceremonies. The only place that decides the attributes of a key ({@link org.kiln.kms.keys.KeyPolicy}). May touch
 * {@code hsm}.
 */
@NullMarked
package org.kiln.kms.keys;

import org.jspecify.annotations.NullMarked;
