/**
 * The subscriber record, its integrity and its table. May touch {@code store} and {@code keys}.
 */
@NullMarked
package org.kiln.kms.subscriber;

import org.jspecify.annotations.NullMarked;
