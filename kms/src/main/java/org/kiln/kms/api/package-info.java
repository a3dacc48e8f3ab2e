/**
 * The vector API of TS 29.503 and provisioning as in TS 29.505: routes, codecs, access tokens, problem details. May touch
 * {@code auc}, {@code suci}, {@code provisioning} and {@code oauth2}.
 */
@NullMarked
package org.kiln.kms.api;

import org.jspecify.annotations.NullMarked;
