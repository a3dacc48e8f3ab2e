package org.kiln.transfer.recipient;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.batch.KeyReference;

/**
 * The check values of a transport key in upper-case hexadecimal, each empty if unknown. They are kept beside the key as
 * its {@code CKA_ID}: SoftHSM keeps no {@code CKA_CHECK_VALUE} of a key that was unwrapped.
 *
 * @param zeroBlock the first octets of the encrypted zero block
 * @param cmac the first octets of the CMAC of the zero block (ANSI X9.24-1)
 */
record CheckValues(String zeroBlock, String cmac) {

    private static final int OCTETS = 5;
    private static final int BLOCK = 16;
    private static final int DES_BLOCK = 8;
    private static final byte GLOBALPLATFORM = 0x01;
    private static final int LONGEST_ATTRIBUTE = 1024;
    private static final Pattern ID = Pattern.compile("kcv:([0-9A-F]{10}):([0-9A-F]{10})");

    /** @param key an AES key with the rights ENCRYPT and SIGN */
    static CheckValues of(Session session, long key) {
        return new CheckValues(
                compute(session, key, KcvConvention.ZERO_BLOCK), compute(session, key, KcvConvention.CMAC));
    }

    /** The right that {@link #compute} needs. */
    static Cka rightFor(KcvConvention convention) {
        return convention == KcvConvention.CMAC ? Cka.SIGN : Cka.ENCRYPT;
    }

    /** One check value of an AES key: 10 hexadecimal digits, of which conventions use the first 6 or more. */
    static String compute(Session session, long key, KcvConvention convention) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(BLOCK);
            MemorySegment out = arena.allocate(BLOCK);
            switch (convention) {
                case ZERO_BLOCK -> session.encrypt(Mechanism.of(Ckm.AES_ECB), key, in, BLOCK, out);
                case GLOBALPLATFORM_AES ->
                    session.encrypt(Mechanism.of(Ckm.AES_ECB), key, in.fill(GLOBALPLATFORM), BLOCK, out);
                case CMAC -> session.sign(Mechanism.of(Ckm.AES_CMAC), key, in, BLOCK, out);
            }
            return hex(out.asSlice(0, OCTETS).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** The zero-block check value of a 3DES key with the right ENCRYPT: 10 hexadecimal digits. */
    static String ofDesKey(Session session, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(DES_BLOCK);
            session.encrypt(Mechanism.of(Ckm.DES3_ECB), key, arena.allocate(DES_BLOCK), DES_BLOCK, out);
            return hex(out.asSlice(0, OCTETS).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** What the token can tell of a held transport key; of one that {@link TransportKeyReceiver} did not take, less. */
    static CheckValues keptWith(Session session, long key) {
        byte[] id = read(session, key, Cka.ID);
        Matcher ours = ID.matcher(new String(id, StandardCharsets.ISO_8859_1));
        return ours.matches()
                ? new CheckValues(ours.group(1), ours.group(2))
                : new CheckValues(hex(read(session, key, Cka.CHECK_VALUE)), "");
    }

    byte[] toId() {
        return ("kcv:" + zeroBlock + ":" + cmac).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** How one key shows that it is not the other. */
    record Difference(String held, String stated) {}

    /** Tells whether this is not the key that a manifest means. What one side does not know proves nothing. */
    Optional<Difference> differenceTo(KeyReference stated) {
        return difference(zeroBlock, stated.kcvZero()).or(() -> difference(cmac, stated.kcvCmac()));
    }

    private static Optional<Difference> difference(String held, @Nullable String stated) {
        return stated == null || held.startsWith(stated) || stated.startsWith(held)
                ? Optional.empty()
                : Optional.of(new Difference(held, stated));
    }

    private static byte[] read(Session session, long key, Cka attribute) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(LONGEST_ATTRIBUTE);
            long length = session.getAttribute(key, attribute, value);
            return value.asSlice(0, Math.max(0, length)).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static String hex(byte[] octets) {
        return HexFormat.of().withUpperCase().formatHex(octets);
    }
}
