package org.kiln.transfer.output;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.batch.OwnerOnlyFile;
import org.kiln.transfer.batch.RecordsFile;
import org.kiln.transfer.batch.StagedRecords;
import org.kiln.transfer.batch.StagingCipher;

/**
 * Stages a file of any format, readable by its owner only, while hashing it: so it can be packed as a batch file's records,
 * whose manifest comes first. A file with codes in the clear is hidden on the disk. Not for use by several threads at once.
 */
public final class StagedOutput implements RowWriter, AutoCloseable {

    private final Path path;
    private final OutputFormat format;
    private final OutputHeader header;
    private final MessageDigest digest = sha256();
    private final OutputStream out;
    private final RowWriter writer;
    private final @Nullable StagingCipher cipher;
    private @Nullable StagedRecords records;

    private StagedOutput(
            Path path, OutputFormat format, OutputHeader header, @Nullable StagingCipher cipher, OutputStream file)
            throws IOException {
        this.path = path;
        this.format = format;
        this.header = header;
        this.cipher = cipher;
        OutputStream disk = cipher == null ? file : cipher.hiding(file);
        this.out = new BufferedOutputStream(new DigestOutputStream(disk, digest), 1 << 15);
        this.writer = format.writer(out, header);
    }

    /** As {@link #create(Path, OutputFormat, OutputHeader, StagingCipher)}, of a format without codes in the clear. */
    public static StagedOutput create(Path path, OutputFormat format, OutputHeader header) throws IOException {
        return create(path, format, header, null);
    }

    /**
     * Begins the file.
     *
     * @param path a file that does not exist yet
     * @param cipher hides it on the disk until it is packed; closed by the caller, when it is; null to leave it as it is
     * @throws java.nio.file.FileAlreadyExistsException if the file exists
     * @throws IllegalArgumentException if the format cannot hold the header's columns, or has codes in the clear and there is no
     *     cipher
     * @throws IOException if the file cannot be written
     */
    public static StagedOutput create(
            Path path, OutputFormat format, OutputHeader header, @Nullable StagingCipher cipher) throws IOException {
        format.columns(header.columns());
        if (cipher == null && format.holdsCodesInTheClear()) {
            throw new IllegalArgumentException("a file with codes in the clear is hidden while it is staged");
        }
        OutputStream file = OwnerOnlyFile.create(path);
        try {
            return new StagedOutput(path, format, header, cipher, file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public void append(Map<String, String> row) throws IOException {
        writer.append(row);
    }

    @Override
    public void finish() throws IOException {
        writer.finish();
        out.close();
        records = new StagedRecords(
                path,
                format.columns(header.columns()),
                header.quantity(),
                HexFormat.of().formatHex(digest.digest()),
                format instanceof KilnCsv ? null : new RecordsFile(format.fileName(), OutputFormats.toJson(format)),
                cipher);
    }

    /**
     * What {@link org.kiln.transfer.batch.BatchWriter} packs.
     *
     * @throws IllegalStateException before {@link #finish}
     */
    public StagedRecords records() {
        if (records == null) {
            throw new IllegalStateException("the file is not finished");
        }
        return records;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
