/**
 * Key blocks of ANSI X9.143 (before that ASC X9 TR-31), version D: one key under an AES key block protection key (KBPK),
 * with what the key may be used for bound to it.
 *
 * <p>The keys that encrypt and authenticate a block are derived from the KBPK by CMAC, which a
 * token can do ({@link org.kiln.transfer.tr31.ProtectionKey}); the block itself, a token without a mechanism for it cannot
 * make. So this is for hosts where configuration allows it, and the keys come as {@link org.kiln.secret.Secret}s. What of them is on the Java heap, and how long, is told by {@link
 * org.kiln.transfer.tr31.Tr31}.
 *
 * <p>May touch {@code org.kiln.secret}, {@code org.kiln.pkcs11} and Bouncy Castle's AES.
 */
@NullMarked
package org.kiln.transfer.tr31;

import org.jspecify.annotations.NullMarked;
