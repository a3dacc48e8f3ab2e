package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;

/** Check values: those that the token keeps beside its keys, and those that it computes. */
public final class CheckValues {

    private static final int BLOCK = 16;
    private static final int DES_BLOCK = 8;
    private static final int CMAC_POLYNOMIAL = 0x87;
    private static final byte ONE = 1;

    private CheckValues() {}

    /**
     * A key's {@code CKA_CHECK_VALUE}: 6 upper-case hexadecimal digits.
     *
     * @throws KeyException if the token keeps none
     */
    public static String zeroBlock(Session session, long key) {
        String kept = ofKept(session, key);
        if (kept.isEmpty()) {
            throw new KeyException("the token keeps no check value of a key");
        }
        return kept;
    }

    /** The first three octets of the encrypted block of sixteen 01 (GlobalPlatform), of an AES key that encrypts. */
    public static String globalPlatform(Session session, long key) {
        return firstOctets(session, key, ONE, true);
    }

    /** The first three octets of the CMAC of the zero block (ANSI X9.24-1), of an AES key that signs. */
    public static String cmac(Session session, long key) {
        return firstOctets(session, key, (byte) 0, false);
    }

    /**
     * The same CMAC, of an AES key that encrypts and does not sign: the block of zeros, masked with the first subkey, is
     * encrypted once more (RFC 4493). What comes between stays off the heap and is wiped.
     */
    public static String cmacByEncryption(Session session, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(BLOCK);
            MemorySegment out = arena.allocate(BLOCK);
            try {
                session.encrypt(Mechanism.of(Ckm.AES_ECB), key, block, BLOCK, out);
                doubled(out, block);
                session.encrypt(Mechanism.of(Ckm.AES_ECB), key, block, BLOCK, out);
                return HexFormat.of()
                        .withUpperCase()
                        .formatHex(out.asSlice(0, Kcv.ZERO_BLOCK_OCTETS).toArray(ValueLayout.JAVA_BYTE));
            } finally {
                block.fill((byte) 0);
                out.fill((byte) 0);
            }
        }
    }

    /** Multiplies a block by x in GF(2^128). */
    private static void doubled(MemorySegment block, MemorySegment result) {
        int carry = block.get(ValueLayout.JAVA_BYTE, 0) < 0 ? CMAC_POLYNOMIAL : 0;
        for (int i = BLOCK - 1; i >= 0; i--) {
            int octet = block.get(ValueLayout.JAVA_BYTE, i) & 0xff;
            result.set(ValueLayout.JAVA_BYTE, i, (byte) (octet << 1 ^ carry));
            carry = octet >> 7;
        }
    }

    /** The first three octets of the encrypted block of 8 zeros, of a 3DES key that encrypts: computed. */
    public static String ofArrivedDes(Session session, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(DES_BLOCK);
            session.encrypt(Mechanism.of(Ckm.DES3_ECB), key, arena.allocate(DES_BLOCK), DES_BLOCK, block);
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(block.asSlice(0, Kcv.ZERO_BLOCK_OCTETS).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private static String firstOctets(Session session, long key, byte filling, boolean encrypt) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(BLOCK).fill(filling);
            MemorySegment out = arena.allocate(BLOCK);
            if (encrypt) {
                session.encrypt(Mechanism.of(Ckm.AES_ECB), key, block, BLOCK, out);
            } else {
                session.sign(Mechanism.of(Ckm.AES_CMAC), key, block, BLOCK, out);
            }
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(out.asSlice(0, Kcv.ZERO_BLOCK_OCTETS).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** A key's {@code CKA_CHECK_VALUE}, or empty if the token keeps none. */
    static String ofKept(Session session, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(Kcv.ZERO_BLOCK_OCTETS);
            return session.getAttribute(key, Cka.CHECK_VALUE, value) == Kcv.ZERO_BLOCK_OCTETS
                    ? HexFormat.of().withUpperCase().formatHex(value.toArray(ValueLayout.JAVA_BYTE))
                    : "";
        }
    }

    /**
     * Both check values of a draft, which is copied to a session object that encrypts and signs, destroyed at once. For
     * the officer's session.
     */
    static Kcv ofDraft(Session session, long draft) {
        long onTrial = session.copyObject(draft, KeyPolicy.draftOnTrial());
        try {
            return compute(session, onTrial);
        } finally {
            session.destroyObject(onTrial);
        }
    }

    /** Both check values of an AES key that encrypts and signs. */
    static Kcv compute(Session session, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = arena.allocate(BLOCK);
            MemorySegment encrypted = arena.allocate(BLOCK);
            MemorySegment mac = arena.allocate(BLOCK);
            session.encrypt(Mechanism.of(Ckm.AES_ECB), key, zeros, BLOCK, encrypted);
            session.sign(Mechanism.of(Ckm.AES_CMAC), key, zeros, BLOCK, mac);
            return Kcv.of(encrypted.toArray(ValueLayout.JAVA_BYTE), mac.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /**
     * The zero-block check value of an AES key that encrypts: 6 upper-case hexadecimal digits, computed, and compared
     * with the one that the token keeps, if it does.
     *
     * @throws KeyException if the two differ
     * @throws org.kiln.pkcs11.Pkcs11Exception if the key cannot encrypt, as one whose length AES does not have
     */
    public static String ofArrived(Session session, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(BLOCK);
            session.encrypt(Mechanism.of(Ckm.AES_ECB), key, arena.allocate(BLOCK), BLOCK, block);
            String computed = HexFormat.of()
                    .withUpperCase()
                    .formatHex(block.asSlice(0, Kcv.ZERO_BLOCK_OCTETS).toArray(ValueLayout.JAVA_BYTE));
            requireKept(session, key, computed);
            return computed;
        }
    }

    static void requireKept(Session session, long key, Kcv computed) {
        requireKept(session, key, computed.zeroBlock());
    }

    private static void requireKept(Session session, long key, String computed) {
        String kept = ofKept(session, key);
        if (!kept.isEmpty() && !kept.equals(computed)) {
            throw new KeyException("the token keeps the check value " + kept + " for a key that has " + computed
                    + ": do not use the key, and have the token examined");
        }
    }
}
