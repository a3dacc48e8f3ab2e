package org.kiln.transfer.tr31;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * Wraps and unwraps key blocks of version D: {@code header ‖ AES-CBC(length ‖ key ‖ padding) ‖ CMAC}, the MAC being over the
 * header and what is encrypted, and the IV.
 *
 * <p>The KBPK, unless it is in a token, the keys derived from it and the key inside are kept outside the Java heap and wiped. On the heap they are
 * for the length of the cipher's own calls only: one block of 16 octets at a time, overwritten afterwards; the KBPK's and
 * the derived keys' octets when a cipher is keyed, overwritten at once; and the ciphers' key schedules, which nobody can
 * overwrite, until the garbage collector takes them. Use it where the configuration allows keys on the host.
 */
public final class Tr31 {

    private static final int MAC = Aes.BLOCK;
    private static final int LENGTH = 2;
    private static final int LONGEST_KEY = 32;
    private static final int MAX_BLOCK = 9999;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Tr31() {}

    /**
     * A key and what was said about it.
     *
     * @param key the caller closes it
     */
    public record Unwrapped(Tr31Header header, Secret key) implements AutoCloseable {

        @Override
        public void close() {
            key.close();
        }
    }

    /**
     * Wraps a key, padded so that its length does not show.
     *
     * @param kbpk 16, 24 or 32 octets, at least as long as {@code key} unless that is 3DES
     * @param key 1 to 32 octets
     * @return the key block: ASCII
     * @throws IllegalArgumentException if a length is none of these, or the header is too long
     */
    public static String wrap(Secret kbpk, Tr31Header header, Secret key) {
        return wrap(ProtectionKey.onHost(kbpk), header, key);
    }

    /** As {@link #wrap(Secret, Tr31Header, Secret)}, under a KBPK that may be in a token. */
    public static String wrap(ProtectionKey kbpk, Tr31Header header, Secret key) {
        return wrap(kbpk, header, key, LONGEST_KEY, Tr31::random);
    }

    static String wrap(
            ProtectionKey kbpk, Tr31Header header, Secret key, int shownOctets, Consumer<MemorySegment> padding) {
        int octets = Math.toIntExact(key.size());
        if (octets < 1 || octets > LONGEST_KEY) {
            throw new IllegalArgumentException("the key has " + octets + " octets, not 1 to " + LONGEST_KEY);
        }
        if (octets > kbpk.octets() && header.algorithm().equals("A")) {
            throw new IllegalArgumentException(
                    "the key is longer than the key that is to protect it (X9.143 clause 5.1)");
        }
        int payload = roundUp(LENGTH + Math.max(octets, shownOctets));
        String head = header.render(payload, MAC);
        byte[] headOctets = head.getBytes(StandardCharsets.US_ASCII);
        try (BlockKeys keys = BlockKeys.derive(kbpk);
                Secret clear = Secret.ofSize(headOctets.length + payload)) {
            MemorySegment whole = clear.expose(SecretAccess.granted());
            MemorySegment data = whole.asSlice(headOctets.length);
            MemorySegment.copy(headOctets, 0, whole, ValueLayout.JAVA_BYTE, 0, headOctets.length);
            data.set(ValueLayout.JAVA_BYTE, 0, (byte) ((octets * Byte.SIZE) >> Byte.SIZE));
            data.set(ValueLayout.JAVA_BYTE, 1, (byte) (octets * Byte.SIZE));
            MemorySegment.copy(key.expose(SecretAccess.granted()), 0, data, LENGTH, octets);
            padding.accept(data.asSlice(LENGTH + octets));
            byte[] mac = mac(keys, whole);
            try (Aes aes = Aes.encrypting(keys.encryption())) {
                aes.cbcEncrypt(mac, data);
            }
            HexFormat hex = HexFormat.of().withUpperCase();
            return head + hex.formatHex(data.toArray(ValueLayout.JAVA_BYTE)) + hex.formatHex(mac);
        }
    }

    /**
     * Unwraps a key block.
     *
     * @throws Tr31Exception.Malformed if the text is none of version D
     * @throws Tr31Exception.NotAuthentic if it is none of this KBPK's
     * @throws IllegalArgumentException if the KBPK is no AES key
     */
    public static Unwrapped unwrap(Secret kbpk, String block) throws Tr31Exception {
        return unwrap(ProtectionKey.onHost(kbpk), block);
    }

    /** As {@link #unwrap(Secret, String)}, under a KBPK that may be in a token. */
    public static Unwrapped unwrap(ProtectionKey kbpk, String block) throws Tr31Exception {
        if (block.length() > MAX_BLOCK) {
            throw new Tr31Exception.Malformed("it is longer than " + MAX_BLOCK + " characters");
        }
        HeaderReader.Read read = HeaderReader.read(block);
        byte[] head = block.substring(0, read.length()).getBytes(StandardCharsets.US_ASCII);
        byte[] rest = octets(block.substring(read.length()));
        int payload = rest.length - MAC;
        if (payload < 2 * Aes.BLOCK || payload % Aes.BLOCK != 0 || head.length % Aes.BLOCK != 0) {
            throw new Tr31Exception.Malformed("its header or its encrypted part is not whole blocks of 16");
        }
        byte[] stated = Arrays.copyOfRange(rest, payload, rest.length);
        try (BlockKeys keys = BlockKeys.derive(kbpk);
                Secret clear = Secret.ofSize(head.length + payload)) {
            MemorySegment whole = clear.expose(SecretAccess.granted());
            MemorySegment data = whole.asSlice(head.length);
            MemorySegment.copy(head, 0, whole, ValueLayout.JAVA_BYTE, 0, head.length);
            MemorySegment.copy(rest, 0, data, ValueLayout.JAVA_BYTE, 0, payload);
            try (Aes aes = Aes.decrypting(keys.encryption())) {
                aes.cbcDecrypt(stated, data);
            }
            if (!MessageDigest.isEqual(mac(keys, whole), stated)) {
                throw new Tr31Exception.NotAuthentic();
            }
            return new Unwrapped(read.header(), key(data));
        }
    }

    private static Secret key(MemorySegment data) throws Tr31Exception {
        int bits =
                (data.get(ValueLayout.JAVA_BYTE, 0) & 0xFF) << Byte.SIZE | (data.get(ValueLayout.JAVA_BYTE, 1) & 0xFF);
        int octets = bits / Byte.SIZE;
        if (octets < 1 || bits % Byte.SIZE != 0 || octets > data.byteSize() - LENGTH) {
            throw new Tr31Exception.Malformed("the length of the key inside is not whole octets within the block");
        }
        return Secret.copyOf(data.asSlice(LENGTH), octets);
    }

    private static byte[] mac(BlockKeys keys, MemorySegment message) {
        try (Aes aes = Aes.encrypting(keys.authentication())) {
            return aes.cmac(message);
        }
    }

    private static byte[] octets(String hex) throws Tr31Exception {
        if (hex.length() % 2 != 0 || !hex.matches("[0-9A-Fa-f]*")) {
            throw new Tr31Exception.Malformed("its encrypted part is not hexadecimal");
        }
        return HexFormat.of().parseHex(hex);
    }

    private static int roundUp(int octets) {
        return (octets + Aes.BLOCK - 1) / Aes.BLOCK * Aes.BLOCK;
    }

    private static void random(MemorySegment padding) {
        byte[] octets = new byte[Math.toIntExact(padding.byteSize())];
        RANDOM.nextBytes(octets);
        MemorySegment.copy(octets, 0, padding, ValueLayout.JAVA_BYTE, 0, octets.length);
    }
}
