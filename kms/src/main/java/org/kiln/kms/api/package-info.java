/**
 * The vector API of TS 29.503 and provisioning as in TS 29.505: routes, codecs, problem details. May touch {@code auc},
 * {@code suci} and {@code provisioning}.
 */
@NullMarked
package org.kiln.kms.api;

import org.jspecify.annotations.NullMarked;
