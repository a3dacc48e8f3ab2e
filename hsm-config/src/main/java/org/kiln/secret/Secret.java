package org.kiln.secret;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/**
 * Secret bytes held outside the Java heap, in memory that is locked where the system allows ({@link SecretMemory}), and
 * overwritten with zeros when closed.
 *
 * <p>Neither {@link #toString} nor any exception of this class shows the content. Usable from any thread; closing
 * while another thread reads is refused by the arena.
 */
public final class Secret implements AutoCloseable {

    private final Arena arena = Arena.ofShared();
    private final MemorySegment bytes;

    private Secret(long size) {
        bytes = SecretMemory.allocate(arena, size);
    }

    /** A zero-filled secret of {@code size} octets, to be filled through {@link #expose}. */
    public static Secret ofSize(long size) {
        return new Secret(size);
    }

    /** Takes the content of {@code source}, which is overwritten with zeros. */
    public static Secret takeFrom(byte[] source) {
        Secret secret = new Secret(source.length);
        MemorySegment.copy(source, 0, secret.bytes, ValueLayout.JAVA_BYTE, 0, source.length);
        Arrays.fill(source, (byte) 0);
        return secret;
    }

    /** Takes the UTF-8 form of {@code source}, which is overwritten with zeros. */
    public static Secret takeFrom(char[] source) {
        ByteBuffer encoded = ByteBuffer.allocate(3 * source.length);
        StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(source), encoded, true);
        Secret secret = new Secret(encoded.position());
        MemorySegment.copy(encoded.array(), 0, secret.bytes, ValueLayout.JAVA_BYTE, 0, encoded.position());
        Arrays.fill(encoded.array(), (byte) 0);
        Arrays.fill(source, '\0');
        return secret;
    }

    /** Copies {@code size} octets from the start of {@code source}, which stays the caller's to wipe. */
    public static Secret copyOf(MemorySegment source, long size) {
        Secret secret = new Secret(size);
        MemorySegment.copy(source, 0, secret.bytes, 0, size);
        return secret;
    }

    /**
     * Decodes hexadecimal ASCII octets into a new secret; {@code hex} stays as it is.
     *
     * @throws IllegalArgumentException if the length is odd or an octet is no hexadecimal digit
     */
    public static Secret fromHex(Secret hex) {
        if (hex.size() % 2 != 0) {
            throw new IllegalArgumentException("an odd number of hexadecimal digits");
        }
        Secret secret = new Secret(hex.size() / 2);
        for (long i = 0; i < secret.size(); i++) {
            int high = digit(hex.bytes.get(ValueLayout.JAVA_BYTE, 2 * i));
            int low = digit(hex.bytes.get(ValueLayout.JAVA_BYTE, 2 * i + 1));
            if ((high | low) < 0) {
                secret.close();
                throw new IllegalArgumentException("not a hexadecimal digit at position " + (2 * i + 1));
            }
            secret.bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (high << 4 | low));
        }
        return secret;
    }

    private static int digit(byte ascii) {
        return HexFormat.isHexDigit(ascii) ? HexFormat.fromHexDigit(ascii) : -1;
    }

    /** Length in octets. */
    public long size() {
        return bytes.byteSize();
    }

    /** The bytes themselves, valid until {@link #close}. */
    public MemorySegment expose(SecretAccess access) {
        Objects.requireNonNull(access);
        return bytes;
    }

    /** Compares in time that depends on the lengths only. */
    public boolean constantTimeEquals(Secret other) {
        if (size() != other.size()) {
            return false;
        }
        int difference = 0;
        for (long i = 0; i < size(); i++) {
            difference |= bytes.get(ValueLayout.JAVA_BYTE, i) ^ other.bytes.get(ValueLayout.JAVA_BYTE, i);
        }
        return difference == 0;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            bytes.fill((byte) 0);
            arena.close();
        }
    }

    @Override
    public String toString() {
        return "Secret[" + size() + " octets]";
    }
}
