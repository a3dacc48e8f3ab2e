/**
 * The subscriber record, its integrity and its table. May touch {@code store}, {@code keys} and {@code rotation}.
 */
@NullMarked
package org.kiln.kms.subscriber;

import org.jspecify.annotations.NullMarked;
