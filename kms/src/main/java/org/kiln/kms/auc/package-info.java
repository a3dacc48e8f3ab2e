/**
 * The authentication centre: finds the subscriber, reserves sequence numbers and sends the work to a lane. May touch
 * {@code subscriber}, {@code sqn}, {@code aka}, {@code keys} and {@code hsm}; knows no HTTP.
 */
@NullMarked
package org.kiln.kms.auc;

import org.jspecify.annotations.NullMarked;
