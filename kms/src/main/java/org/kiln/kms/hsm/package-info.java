/**
 * One token as a pool of lanes: a lane is one session, one platform thread and one bounded queue. May touch
 * {@code pkcs11}, {@code token} and {@code secret}; knows no key by name.
 */
@NullMarked
package org.kiln.kms.hsm;

import org.jspecify.annotations.NullMarked;
