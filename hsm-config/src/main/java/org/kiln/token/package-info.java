/**
 * One token of a site: where its module lies, what its family can do, how its PIN is had, and how a SoftHSM token is
 * made. Touches {@code org.kiln.pkcs11} and {@code org.kiln.secret}.
 */
@NullMarked
package org.kiln.token;

import org.jspecify.annotations.NullMarked;
