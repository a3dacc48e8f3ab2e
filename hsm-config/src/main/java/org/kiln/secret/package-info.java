/**
 * Secrets in memory: off-heap, locked where the system allows, wiped, never printed. The ground floor; touches the JDK
 * only, and calls the system to lock pages.
 *
 * <p>Reading the bytes of a {@link org.kiln.secret.Secret} takes a {@link org.kiln.secret.SecretAccess}, so that
 * searching for {@code SecretAccess} finds every place in Kiln where a secret is exposed.
 */
@NullMarked
package org.kiln.secret;

import org.jspecify.annotations.NullMarked;
