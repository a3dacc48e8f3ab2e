/**
 * Cryptoki (OASIS PKCS#11 2.40 and 3.0) itself: constants, templates, mechanisms, return codes as exceptions, and
 * {@link org.kiln.pkcs11.Cryptoki}, the narrow interface to a loaded module, with its two bindings.
 *
 * <p>The binding of {@code java.lang.foreign} is written for LP64 Linux: {@code CK_ULONG} of 8 octets, structures with
 * natural alignment, System V calls. It is tested on x86-64. aarch64 Linux has the same data model and was not tried.
 * macOS was not tried. Windows packs the structures to one octet and has a {@code CK_ULONG} of 4: it does not work there.
 *
 * <p>This room knows nothing of Kiln's keys or rules. It touches the JDK and {@code org.kiln.secret} only; {@link
 * org.kiln.pkcs11.IaikCryptoki} and its session alone touch the IAIK wrapper, whose messages they log through SLF4J.
 */
@NullMarked
package org.kiln.pkcs11;

import org.jspecify.annotations.NullMarked;
