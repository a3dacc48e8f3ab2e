package org.kiln.kms.keys;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * One custodian's share of a transport key: an XOR component with its check value.
 *
 * @param name where it came from, for messages
 * @param value 16, 24 or 32 octets
 * @param statedKcv the check value the custodian brought, hexadecimal
 */
public record KeyComponent(String name, Secret value, String statedKcv) implements AutoCloseable {

    private static final int LONGEST_FILE = 256;

    /**
     * Reads a component file: the component in hexadecimal on the first line, its check value on the second.
     *
     * @throws KeyException naming the file and the line that is wrong
     */
    public static KeyComponent read(Path file) {
        try (Secret text = Secret.ofSize(LONGEST_FILE)) {
            MemorySegment octets = text.expose(SecretAccess.granted());
            int length = readInto(file, octets);
            int firstEnd = lineEnd(octets, 0, length);
            int secondStart = Math.min(length, skipLineEnd(octets, firstEnd, length));
            int secondEnd = lineEnd(octets, secondStart, length);
            String kcv = new String(
                            octets.asSlice(secondStart, secondEnd - secondStart).toArray(ValueLayout.JAVA_BYTE),
                            StandardCharsets.US_ASCII)
                    .strip();
            requireKcv(file + ", line 2", kcv);
            return new KeyComponent(file.toString(), parse(file, octets, firstEnd), kcv);
        }
    }

    /**
     * A component that somebody typed.
     *
     * @param hex the component in hexadecimal; closed here
     * @throws KeyException naming what is wrong
     */
    public static KeyComponent of(String name, Secret hex, String statedKcv) {
        try (hex) {
            requireKcv("the component " + name, statedKcv);
            if (hex.size() != 32 && hex.size() != 48 && hex.size() != 64) {
                throw new KeyException("the component " + name + " has " + hex.size()
                        + " digits; expected 32, 48 or 64 hexadecimal digits");
            }
            return new KeyComponent(name, Secret.fromHex(hex), statedKcv);
        } catch (IllegalArgumentException e) {
            throw new KeyException("the component " + name + ": " + e.getMessage(), e);
        }
    }

    private static void requireKcv(String where, String kcv) {
        if (!kcv.matches("[0-9A-Fa-f]{6,10}")) {
            throw new KeyException(where + ": expected the component's check value, 6 to 10 hexadecimal digits");
        }
    }

    private static Secret parse(Path file, MemorySegment octets, int length) {
        if (length != 32 && length != 48 && length != 64) {
            throw new KeyException(
                    file + ", line 1: expected a component of 32, 48 or 64 hexadecimal digits, found " + length);
        }
        try (Secret hex = Secret.copyOf(octets, length)) {
            return Secret.fromHex(hex);
        } catch (IllegalArgumentException e) {
            throw new KeyException(file + ", line 1: " + e.getMessage(), e);
        }
    }

    private static int readInto(Path file, MemorySegment octets) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer buffer = octets.asByteBuffer();
            int length = 0;
            int read = channel.read(buffer);
            while (read > 0) {
                length += read;
                read = channel.read(buffer);
            }
            if (channel.size() > LONGEST_FILE) {
                throw new KeyException(file + " is too long for a component file: two lines are expected");
            }
            return length;
        } catch (IOException e) {
            throw new KeyException("component file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static int lineEnd(MemorySegment octets, int from, int length) {
        int at = from;
        while (at < length && !isLineEnd(octets.get(ValueLayout.JAVA_BYTE, at))) {
            at++;
        }
        return at;
    }

    private static int skipLineEnd(MemorySegment octets, int from, int length) {
        int at = from;
        while (at < length && isLineEnd(octets.get(ValueLayout.JAVA_BYTE, at))) {
            at++;
        }
        return at;
    }

    private static boolean isLineEnd(byte octet) {
        return octet == '\n' || octet == '\r';
    }

    /** The exclusive-or of all components. */
    static Secret combine(List<KeyComponent> components) {
        long size = components.getFirst().value().size();
        for (KeyComponent component : components) {
            if (component.value().size() != size) {
                throw new KeyException("component " + component.name() + " has "
                        + component.value().size() + " octets, the first has " + size
                        + ": all components of a key are of one length");
            }
        }
        Secret combined = Secret.ofSize(size);
        MemorySegment sum = combined.expose(SecretAccess.granted());
        for (KeyComponent component : components) {
            MemorySegment octets = component.value().expose(SecretAccess.granted());
            for (long i = 0; i < size; i++) {
                sum.set(ValueLayout.JAVA_BYTE, i, (byte)
                        (sum.get(ValueLayout.JAVA_BYTE, i) ^ octets.get(ValueLayout.JAVA_BYTE, i)));
            }
        }
        return combined;
    }

    @Override
    public void close() {
        value.close();
    }

    @Override
    public String toString() {
        return "KeyComponent[" + name + "]";
    }
}
