/**
 * Cryptoki (OASIS PKCS#11 2.40 and 3.0) itself: constants, templates, mechanisms, return codes as exceptions, and
 * {@link org.kiln.pkcs11.Cryptoki}, the narrow interface to a loaded module, with its two bindings.
 *
 * <p>This room knows nothing of Kiln's keys or rules. It touches the JDK and {@code org.kiln.secret} only; {@link
 * org.kiln.pkcs11.IaikCryptoki} and its session alone touch the IAIK wrapper, whose messages they log through SLF4J.
 */
@NullMarked
package org.kiln.pkcs11;

import org.jspecify.annotations.NullMarked;
