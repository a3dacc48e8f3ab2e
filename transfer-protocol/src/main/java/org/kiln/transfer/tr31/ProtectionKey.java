package org.kiln.transfer.tr31;

import java.lang.foreign.MemorySegment;
import org.kiln.secret.Secret;

/**
 * A key block protection key (KBPK), as far as a block needs it: it computes CMACs, from which the two keys of a block are
 * derived (ANSI X9.143 clause 5.3.2.3). So it may stay in a token as a key that signs and does nothing else.
 */
public interface ProtectionKey {

    /** Octets of the key: 16, 24 or 32. */
    int octets();

    /**
     * AES-CMAC under the key.
     *
     * @param message 8 octets of derivation data, which are public
     * @param mac 16 octets of native memory, which become part of a block's key: secret
     */
    void cmac(MemorySegment message, MemorySegment mac);

    /** A KBPK that the host holds; the caller closes the secret, after its last use here. */
    static ProtectionKey onHost(Secret kbpk) {
        return new ProtectionKey() {
            @Override
            public int octets() {
                return Math.toIntExact(kbpk.size());
            }

            @Override
            public void cmac(MemorySegment message, MemorySegment mac) {
                try (Aes aes = Aes.encrypting(kbpk)) {
                    aes.cmac(message, mac);
                }
            }
        };
    }
}
