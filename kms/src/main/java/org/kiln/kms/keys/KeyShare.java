package org.kiln.kms.keys;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/**
 * One custodian's share of a backup key, as his file has it.
 *
 * <p>The file has three lines: {@code kiln-share/1 2 3 <check value of the backup key>} for share 2, of which any 3 give
 * the key back; the share's 32 octets in hexadecimal; and the share's own check value. Check values are the first 5
 * octets of CMAC over a zero block under the value taken as an AES-256 key (ANSI X9.24-1), in hexadecimal.
 *
 * @param name where it came from, for messages
 * @param x its number, from 1
 * @param threshold how many shares give the key back
 * @param keyKcv check value of the backup key
 * @param value 32 octets
 * @param kcv check value of the share as the file states it
 */
public record KeyShare(String name, int x, int threshold, String keyKcv, Secret value, String kcv)
        implements AutoCloseable {

    static final int OCTETS = 32;

    private static final Pattern FIRST_LINE =
            Pattern.compile("kiln-share/1 ([1-9][0-9]?) ([1-9][0-9]?) ([0-9A-F]{10})");
    private static final Pattern CHECK_VALUE = Pattern.compile("[0-9A-F]{10}");

    /**
     * Reads a custodian's file.
     *
     * @throws KeyException naming the file and the line that is wrong
     */
    public static KeyShare read(Path file) {
        try (SecretLines lines = new SecretLines(file)) {
            Matcher first = FIRST_LINE.matcher(lines.text(1));
            if (!first.matches()) {
                throw new KeyException(file + ", line 1: expected 'kiln-share/1', the share's number, how many give the"
                        + " key back, and the key's check value");
            }
            if (lines.size(2) != 2 * OCTETS) {
                throw new KeyException(
                        file + ", line 2: expected " + 2 * OCTETS + " hexadecimal digits, found " + lines.size(2));
            }
            String kcv = lines.text(3);
            if (!CHECK_VALUE.matcher(kcv).matches()) {
                throw new KeyException(file + ", line 3: expected the share's check value, 10 hexadecimal digits");
            }
            return new KeyShare(
                    file.toString(),
                    Integer.parseInt(first.group(1)),
                    Integer.parseInt(first.group(2)),
                    first.group(3),
                    lines.hex(2),
                    kcv);
        }
    }

    /** Writes a new file that only its owner can read, and waits until it is on disk. */
    public void write(Path file) {
        try (FileChannel channel = FileChannel.open(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Secret hex = hex()) {
            write(
                    channel,
                    ByteBuffer.wrap(("kiln-share/1 " + x + " " + threshold + " " + keyKcv + "\n")
                            .getBytes(StandardCharsets.US_ASCII)));
            write(channel, hex.expose(SecretAccess.granted()).asByteBuffer());
            write(channel, ByteBuffer.wrap(("\n" + kcv + "\n").getBytes(StandardCharsets.US_ASCII)));
            channel.force(true);
        } catch (IOException e) {
            throw new KeyException("the share cannot be written to " + file + ": " + e.getMessage(), e);
        }
    }

    private static void write(FileChannel channel, ByteBuffer octets) throws IOException {
        while (octets.hasRemaining()) {
            channel.write(octets);
        }
    }

    private Secret hex() {
        Secret hex = Secret.ofSize(2 * value.size());
        MemorySegment digits = hex.expose(SecretAccess.granted());
        MemorySegment octets = value.expose(SecretAccess.granted());
        for (long i = 0; i < value.size(); i++) {
            int octet = Byte.toUnsignedInt(octets.get(ValueLayout.JAVA_BYTE, i));
            digits.set(ValueLayout.JAVA_BYTE, 2 * i, digit(octet >>> 4));
            digits.set(ValueLayout.JAVA_BYTE, 2 * i + 1, digit(octet & 0xf));
        }
        return hex;
    }

    /** '0' to '9', 'A' to 'F', without a table or a branch. */
    private static byte digit(int nibble) {
        return (byte) ('0' + nibble + (((9 - nibble) >> 31) & ('A' - '9' - 1)));
    }

    @Override
    public void close() {
        value.close();
    }

    @Override
    public String toString() {
        return "KeyShare[" + name + ", share " + x + "]";
    }
}
