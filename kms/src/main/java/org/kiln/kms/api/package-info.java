/**
 * The vector API of TS 29.503: routes, codecs, problem details. May touch {@code auc}.
 */
@NullMarked
package org.kiln.kms.api;

import org.jspecify.annotations.NullMarked;
