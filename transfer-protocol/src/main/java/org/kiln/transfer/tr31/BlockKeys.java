package org.kiln.transfer.tr31;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * The two keys of a block, derived from its KBPK by CMAC (ANSI X9.143 clause 5.3.2.3): each as long as the KBPK.
 *
 * @param encryption the key block encryption key
 * @param authentication the key block authentication key
 */
record BlockKeys(Secret encryption, Secret authentication) implements AutoCloseable {

    private static final byte ENCRYPTION = 0;
    private static final byte AUTHENTICATION = 1;
    private static final int AES_128 = 16;
    private static final int AES_192 = 24;
    private static final int AES_256 = 32;

    /** @throws IllegalArgumentException if the KBPK is no AES key */
    static BlockKeys derive(ProtectionKey kbpk) {
        int octets = kbpk.octets();
        if (octets != AES_128 && octets != AES_192 && octets != AES_256) {
            throw new IllegalArgumentException(
                    "the key block protection key has " + octets + " octets, not 16, 24 or 32");
        }
        Secret encryption = derive(kbpk, ENCRYPTION, octets);
        try {
            return new BlockKeys(encryption, derive(kbpk, AUTHENTICATION, octets));
        } catch (RuntimeException e) {
            encryption.close();
            throw e;
        }
    }

    private static Secret derive(ProtectionKey kbpk, byte usage, int octets) {
        byte algorithm = (byte) (octets / Long.BYTES);
        int bits = octets * Byte.SIZE;
        byte[] input = {0, 0, usage, 0, 0, algorithm, (byte) (bits >> Byte.SIZE), (byte) bits};
        Secret key = Secret.ofSize(octets);
        try (Arena arena = Arena.ofConfined();
                Secret mac = Secret.ofSize(Aes.BLOCK)) {
            MemorySegment block = mac.expose(SecretAccess.granted());
            for (int done = 0; done < octets; done += Aes.BLOCK) {
                input[0]++;
                kbpk.cmac(arena.allocateFrom(ValueLayout.JAVA_BYTE, input), block);
                MemorySegment.copy(
                        block, 0, key.expose(SecretAccess.granted()), done, Math.min(Aes.BLOCK, octets - done));
            }
            return key;
        } catch (RuntimeException e) {
            key.close();
            throw e;
        }
    }

    @Override
    public void close() {
        encryption.close();
        authentication.close();
    }
}
