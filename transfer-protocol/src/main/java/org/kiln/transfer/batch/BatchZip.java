package org.kiln.transfer.batch;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A ZIP read front to back, whose faults are {@link BatchFormatException}s (PKWARE APPNOTE 6.3.9, section 4.3). Reading
 * it is reading the entry last opened.
 */
final class BatchZip extends ZipInputStream {

    private static final int MAX_DIRECTORY = 4096;
    private static final int DIRECTORY_ENTRY = 0x02014b50;
    private static final int DIRECTORY_END = 0x06054b50;
    private static final int DIRECTORY_END_64 = 0x06064b50;
    private static final int LOCATOR_64 = 0x07064b50;
    private static final int LOCAL_ENTRY = 0x04034b50;

    BatchZip(InputStream in) {
        super(in);
    }

    void open(String name) throws IOException {
        ZipEntry entry = next();
        if (entry == null) {
            throw BatchFormatException.container("it is no ZIP file with " + name + " at its place, or it was cut");
        }
        if (!entry.getName().equals(name)) {
            throw BatchFormatException.container(
                    "its entries are not " + BatchFile.MANIFEST + " and the records it names, in this order");
        }
    }

    /** Reads the directory, which must list two entries, the second of this name, and the end of the file. */
    void end(String records) throws IOException {
        byte[] rest = in.readNBytes(MAX_DIRECTORY + 1);
        ByteBuffer directory = ByteBuffer.wrap(rest).order(ByteOrder.LITTLE_ENDIAN);
        int entries = 0;
        while (true) {
            if (directory.remaining() < Integer.BYTES) {
                throw BatchFormatException.truncated();
            }
            switch (directory.getInt()) {
                case DIRECTORY_ENTRY -> {
                    checkName(directory, entries++ == 0 ? BatchFile.MANIFEST : records);
                    skip(directory, 42 + field(directory, 24) + field(directory, 26) + field(directory, 28));
                }
                case DIRECTORY_END_64 -> skip(directory, 52);
                case LOCATOR_64 -> skip(directory, 16);
                case DIRECTORY_END -> {
                    skip(directory, 18);
                    if (directory.hasRemaining() || entries != 2) {
                        throw BatchFormatException.container("something follows its end, or its directory is wrong");
                    }
                    return;
                }
                case LOCAL_ENTRY -> throw BatchFormatException.container("it has a third entry");
                default -> throw wrongDirectory();
            }
        }
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            return super.read(buffer, offset, length);
        } catch (EOFException e) {
            throw BatchFormatException.truncated();
        } catch (ZipException e) {
            throw damaged(e);
        }
    }

    private @Nullable ZipEntry next() throws IOException {
        try {
            return getNextEntry();
        } catch (EOFException e) {
            throw BatchFormatException.truncated();
        } catch (ZipException e) {
            throw damaged(e);
        } catch (IllegalArgumentException e) {
            throw BatchFormatException.container("an entry's name cannot be read");
        }
    }

    /** A directory that names other entries would show other tools another file. */
    private static void checkName(ByteBuffer directory, String expected) throws BatchFormatException {
        byte[] name = new byte[field(directory, 24)];
        if (directory.remaining() < 42 + name.length) {
            throw BatchFormatException.truncated();
        }
        directory.get(directory.position() + 42, name);
        if (!expected.equals(new String(name, StandardCharsets.UTF_8))) {
            throw wrongDirectory();
        }
    }

    private static int field(ByteBuffer directory, int offset) throws BatchFormatException {
        int at = directory.position() + offset;
        if (at + 2 > directory.limit()) {
            throw BatchFormatException.truncated();
        }
        return directory.getShort(at) & 0xFFFF;
    }

    private static void skip(ByteBuffer directory, int octets) throws BatchFormatException {
        if (octets > directory.remaining()) {
            throw directory.limit() > MAX_DIRECTORY ? wrongDirectory() : BatchFormatException.truncated();
        }
        directory.position(directory.position() + octets);
    }

    private static BatchFormatException wrongDirectory() {
        return BatchFormatException.container("its directory is wrong");
    }

    private static BatchFormatException damaged(ZipException e) {
        return BatchFormatException.container("it is damaged: " + e.getMessage());
    }
}
