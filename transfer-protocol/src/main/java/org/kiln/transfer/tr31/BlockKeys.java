package org.kiln.transfer.tr31;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
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
    static BlockKeys derive(Secret kbpk) {
        int octets = Math.toIntExact(kbpk.size());
        if (octets != AES_128 && octets != AES_192 && octets != AES_256) {
            throw new IllegalArgumentException(
                    "the key block protection key has " + octets + " octets, not 16, 24 or 32");
        }
        try (Aes aes = Aes.encrypting(kbpk)) {
            return new BlockKeys(derive(aes, ENCRYPTION, octets), derive(aes, AUTHENTICATION, octets));
        }
    }

    private static Secret derive(Aes aes, byte usage, int octets) {
        byte algorithm = (byte) (octets / Long.BYTES);
        int bits = octets * Byte.SIZE;
        byte[] input = {0, 0, usage, 0, 0, algorithm, (byte) (bits >> Byte.SIZE), (byte) bits};
        Secret key = Secret.ofSize(octets);
        MemorySegment out = key.expose(SecretAccess.granted());
        try (Arena arena = Arena.ofConfined()) {
            for (int done = 0; done < octets; done += Aes.BLOCK) {
                input[0]++;
                byte[] block = aes.cmac(arena.allocateFrom(ValueLayout.JAVA_BYTE, input));
                MemorySegment.copy(block, 0, out, ValueLayout.JAVA_BYTE, done, Math.min(Aes.BLOCK, octets - done));
                Arrays.fill(block, (byte) 0);
            }
        }
        return key;
    }

    @Override
    public void close() {
        encryption.close();
        authentication.close();
    }
}
