package org.kiln.kms.suci;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The keys of one message (TS 33.501 Annex C.3.4): 16 octets of AES key, 16 of initial counter block, 32 of MAC key, off
 * the heap. SHA-256 is computed over heap arrays that live for one call and are wiped.
 */
final class MessageKeys {

    static final int OCTETS = 64;

    private static final int AES_OCTETS = 16;
    private static final int HASH_OCTETS = 32;
    private static final int HMAC_BLOCK = 64;
    private static final byte INNER = 0x36;
    private static final byte OUTER = 0x5c;

    private final MemorySegment octets;

    private MessageKeys(MemorySegment octets) {
        this.octets = octets;
    }

    /**
     * The KDF of ANSI X9.63 with SHA-256: two blocks.
     *
     * @param room {@value #OCTETS} octets that the caller wipes
     */
    static MessageKeys derive(MemorySegment secret, byte[] sharedInfo, MemorySegment room) {
        MessageDigest sha256 = sha256();
        byte[] shared = secret.toArray(ValueLayout.JAVA_BYTE);
        byte[] hash = new byte[HASH_OCTETS];
        try {
            for (int block = 0; block < OCTETS / HASH_OCTETS; block++) {
                sha256.update(shared);
                sha256.update(new byte[] {0, 0, 0, (byte) (block + 1)});
                digest(sha256, sharedInfo, hash);
                MemorySegment.copy(hash, 0, room, ValueLayout.JAVA_BYTE, (long) block * HASH_OCTETS, HASH_OCTETS);
            }
            return new MessageKeys(room);
        } finally {
            Arrays.fill(shared, (byte) 0);
            Arrays.fill(hash, (byte) 0);
        }
    }

    MemorySegment encryptionKey() {
        return octets.asSlice(0, AES_OCTETS);
    }

    MemorySegment counterBlock() {
        return octets.asSlice(AES_OCTETS, AES_OCTETS);
    }

    /** Whether {@code tag} begins the HMAC-SHA-256 of the cipher text, compared in constant time. */
    boolean authentic(byte[] ciphertext, byte[] tag) {
        MessageDigest sha256 = sha256();
        byte[] block = new byte[HMAC_BLOCK];
        byte[] hash = new byte[HASH_OCTETS];
        try {
            sha256.update(masked(block, INNER));
            digest(sha256, ciphertext, hash);
            sha256.update(masked(block, OUTER));
            digest(sha256, hash, hash);
            return MessageDigest.isEqual(Arrays.copyOf(hash, tag.length), tag);
        } finally {
            Arrays.fill(block, (byte) 0);
            Arrays.fill(hash, (byte) 0);
        }
    }

    private byte[] masked(byte[] block, byte pad) {
        Arrays.fill(block, pad);
        for (int i = 0; i < HASH_OCTETS; i++) {
            block[i] ^= octets.get(ValueLayout.JAVA_BYTE, 2L * AES_OCTETS + i);
        }
        return block;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void digest(MessageDigest sha256, byte[] last, byte[] out) {
        sha256.update(last);
        try {
            sha256.digest(out, 0, out.length);
        } catch (DigestException e) {
            throw new IllegalStateException(e);
        }
    }
}
