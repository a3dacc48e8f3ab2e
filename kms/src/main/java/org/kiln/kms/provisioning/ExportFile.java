package org.kiln.kms.provisioning;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * A file of many rows that appears whole or not at all, after its digest, which stands beside it as {@code sha256sum -c} takes
 * it. Until then it is called {@code .part}; what an export that was broken off left there is overwritten.
 */
final class ExportFile implements AutoCloseable {

    private static final String PART = ".part";
    private static final String DIGEST = ".sha256";
    private static final Set<StandardOpenOption> ANEW = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    private final Path file;
    private final FileChannel channel;
    private final MessageDigest digest;
    private final CSVPrinter rows;
    private boolean finished;

    ExportFile(Path file, List<String> header) throws IOException {
        this.file = file;
        digest = sha256();
        channel = anew(beside(PART));
        Writer text = new BufferedWriter(new OutputStreamWriter(
                new DigestOutputStream(Channels.newOutputStream(channel), digest), StandardCharsets.UTF_8));
        rows = new CSVPrinter(
                text, CSVFormat.RFC4180.builder().setRecordSeparator('\n').get());
        rows.printRecord(header);
    }

    private Path beside(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    /** A new file that its owner alone reads. */
    private static FileChannel anew(Path file) throws IOException {
        Files.deleteIfExists(file);
        return FileChannel.open(
                file, ANEW, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    void row(List<String> values) throws IOException {
        rows.printRecord(values);
    }

    /**
     * Lets the file appear.
     *
     * @return its SHA-256, hexadecimal
     */
    String finish() throws IOException {
        rows.flush();
        channel.force(true);
        String sha256 = HexFormat.of().formatHex(digest.digest());
        Path digestPart = beside(DIGEST + PART);
        try (FileChannel out = anew(digestPart)) {
            out.write(StandardCharsets.UTF_8.encode(sha256 + "  " + file.getFileName() + "\n"));
            out.force(true);
        }
        Files.move(digestPart, beside(DIGEST), StandardCopyOption.ATOMIC_MOVE);
        Files.move(beside(PART), file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent())) {
            folder.force(true);
        }
        finished = true;
        return sha256;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What is not finished is removed. */
    @Override
    public void close() throws IOException {
        channel.close();
        if (!finished) {
            Files.deleteIfExists(beside(PART));
        }
    }
}
