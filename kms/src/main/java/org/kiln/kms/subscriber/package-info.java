/**
 * The subscriber record, its integrity and its table; his algorithm, and which engine serves it. May touch {@code store},
 * {@code keys}, {@code rotation}, {@code sqn} and {@code aka}.
 */
@NullMarked
package org.kiln.kms.subscriber;

import org.jspecify.annotations.NullMarked;
