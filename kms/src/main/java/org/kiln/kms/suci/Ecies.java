package org.kiln.kms.suci;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.kiln.kms.keys.HomeNetworkKeys;
import org.kiln.pkcs11.Session;

/**
 * Opens what a UE concealed by ECIES (TS 33.501 Annex C.3.3). The token agrees on the secret and runs AES; the secret
 * and the keys of the message lie off the heap and are wiped on every path. The tag is checked before anything is
 * decrypted.
 */
final class Ecies {

    private static final int AES_BLOCK = 16;

    private final HomeNetworkKeys keys;

    Ecies(HomeNetworkKeys keys) {
        this.keys = keys;
    }

    /**
     * The scheme input.
     *
     * @param privateKey of the home network, in the session's token
     * @throws SuciException.InvalidOutput if the output is malformed, its point unusable or its tag wrong
     */
    byte[] open(Session session, long privateKey, ProtectionScheme scheme, byte[] output) {
        SchemeOutput parts = SchemeOutput.split(scheme, output);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(HomeNetworkKeys.SECRET_OCTETS + MessageKeys.OCTETS, 8);
            try {
                MemorySegment secret = room.asSlice(0, HomeNetworkKeys.SECRET_OCTETS);
                keys.agree(session, privateKey, parts.point(), secret);
                requireSecret(secret);
                MessageKeys message = MessageKeys.derive(
                        secret, parts.sharedInfo(), room.asSlice(HomeNetworkKeys.SECRET_OCTETS, MessageKeys.OCTETS));
                if (!message.authentic(parts.ciphertext(), parts.tag())) {
                    throw new SuciException.InvalidOutput("its tag");
                }
                return decrypt(session, message, parts.ciphertext(), arena);
            } finally {
                room.fill((byte) 0);
            }
        }
    }

    /** RFC 7748 clause 6.1: an all-zero secret is no secret. */
    private static void requireSecret(MemorySegment secret) {
        int any = 0;
        for (long i = 0; i < secret.byteSize(); i++) {
            any |= secret.get(ValueLayout.JAVA_BYTE, i);
        }
        if (any == 0) {
            throw new SuciException.InvalidOutput("its ephemeral public key");
        }
    }

    /** AES-CTR with a counter of 128 bits. */
    private byte[] decrypt(Session session, MessageKeys message, byte[] ciphertext, Arena arena) {
        int blocks = (ciphertext.length + AES_BLOCK - 1) / AES_BLOCK;
        MemorySegment counters = arena.allocate((long) blocks * AES_BLOCK);
        MemorySegment stream = arena.allocate((long) blocks * AES_BLOCK);
        try {
            byte[] counter = message.counterBlock().toArray(ValueLayout.JAVA_BYTE);
            for (int block = 0; block < blocks; block++) {
                MemorySegment.copy(counter, 0, counters, ValueLayout.JAVA_BYTE, (long) block * AES_BLOCK, AES_BLOCK);
                increment(counter);
            }
            keys.encrypt(session, message.encryptionKey(), counters, stream);
            byte[] plain = ciphertext.clone();
            for (int i = 0; i < plain.length; i++) {
                plain[i] ^= stream.get(ValueLayout.JAVA_BYTE, i);
            }
            return plain;
        } finally {
            counters.fill((byte) 0);
            stream.fill((byte) 0);
        }
    }

    private static void increment(byte[] counter) {
        int i = counter.length - 1;
        while (i >= 0 && ++counter[i] == 0) {
            i--;
        }
    }
}
