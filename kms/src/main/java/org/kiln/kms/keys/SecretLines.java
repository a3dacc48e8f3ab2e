package org.kiln.kms.keys;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;

/** A short text file with a secret on one of its lines, read without a copy on the heap. */
final class SecretLines implements AutoCloseable {

    private static final int LONGEST_FILE = 256;

    private final Path file;
    private final Secret content = Secret.ofSize(LONGEST_FILE);
    private final MemorySegment octets = content.expose(SecretAccess.granted());
    private final int length;

    /** @throws KeyException if the file cannot be read or is longer than 256 octets */
    SecretLines(Path file) {
        this.file = file;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer buffer = octets.asByteBuffer();
            int filled = 0;
            for (int read = channel.read(buffer); read > 0; read = channel.read(buffer)) {
                filled += read;
            }
            if (channel.size() > LONGEST_FILE) {
                throw new KeyException(file + " is too long: a few short lines are expected");
            }
            length = filled;
        } catch (IOException e) {
            content.close();
            throw new KeyException(file + " cannot be read: " + e.getMessage(), e);
        } catch (KeyException e) {
            content.close();
            throw e;
        }
    }

    /** A line, from 1, that holds nothing secret; empty if the file has fewer. */
    String text(int line) {
        MemorySegment found = line(line);
        return new String(found.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII).strip();
    }

    /** Length of a line in characters. */
    int size(int line) {
        return (int) line(line).byteSize();
    }

    /**
     * The octets that a line gives in hexadecimal.
     *
     * @throws KeyException naming the file and the line if it is no hexadecimal
     */
    Secret hex(int line) {
        MemorySegment found = line(line);
        try (Secret hex = Secret.copyOf(found, found.byteSize())) {
            return Secret.fromHex(hex);
        } catch (IllegalArgumentException e) {
            throw new KeyException(file + ", line " + line + ": " + e.getMessage(), e);
        }
    }

    private MemorySegment line(int wanted) {
        int start = 0;
        int end = lineEnd(start);
        for (int line = 1; line < wanted; line++) {
            start = end;
            while (start < length && isLineEnd(start)) {
                start++;
            }
            end = lineEnd(start);
        }
        return octets.asSlice(start, end - start);
    }

    private int lineEnd(int from) {
        int at = from;
        while (at < length && !isLineEnd(at)) {
            at++;
        }
        return at;
    }

    private boolean isLineEnd(int at) {
        byte octet = octets.get(ValueLayout.JAVA_BYTE, at);
        return octet == '\n' || octet == '\r';
    }

    @Override
    public void close() {
        content.close();
    }
}
