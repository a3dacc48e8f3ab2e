package org.kiln.kms.provisioning;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * A file of many rows that appears whole or not at all, after its digest, which stands beside it as {@code sha256sum -c} takes
 * it. Until then it is called {@code .part}, which one export at a time holds; what one that was broken off left there is
 * overwritten.
 */
final class ExportFile implements AutoCloseable {

    private static final String PART = ".part";
    private static final String DIGEST = ".sha256";
    private static final Set<StandardOpenOption> ANEW = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    private static final String OWNERS_ALONE = "rw-------";
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNERS_ALONE));

    private final Path file;
    private final FileChannel channel;
    private final MessageDigest digest;
    private final CSVPrinter rows;
    private boolean finished;

    ExportFile(Path file, List<String> header) throws IOException {
        this.file = file;
        digest = sha256();
        channel = held(beside(PART));
        Writer text = new BufferedWriter(new OutputStreamWriter(
                new DigestOutputStream(Channels.newOutputStream(channel), digest), StandardCharsets.UTF_8));
        rows = new CSVPrinter(
                text, CSVFormat.RFC4180.builder().setRecordSeparator('\n').get());
        rows.printRecord(header);
        if (Files.exists(file)) {
            close();
            throw new FileAlreadyExistsException(file.toString(), null, "it is not overwritten; move it away");
        }
    }

    private Path beside(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    /** An empty file that its owner alone reads, and that no other process writes until the channel is closed. */
    private static FileChannel held(Path file) throws IOException {
        while (true) {
            FileChannel channel;
            try {
                channel = FileChannel.open(file, ANEW, OWNER_ALONE);
            } catch (FileAlreadyExistsException e) {
                Optional<FileChannel> left = takenOver(file);
                if (left.isEmpty()) {
                    continue;
                }
                return left.get();
            }
            if (!isLocked(channel)) {
                channel.close();
                throw beingWritten(file);
            }
            return channel;
        }
    }

    /** What an export that was broken off left; empty if the file was finished or removed meanwhile. */
    private static Optional<FileChannel> takenOver(Path file) throws IOException {
        FileChannel channel;
        Object key;
        try {
            key = key(file);
            channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            if (!isLocked(channel)) {
                throw beingWritten(file);
            }
            if (!key.equals(key(file))) {
                channel.close();
                return Optional.empty();
            }
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(OWNERS_ALONE));
            channel.truncate(0);
            return Optional.of(channel);
        } catch (NoSuchFileException e) {
            channel.close();
            return Optional.empty();
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static FileAlreadyExistsException beingWritten(Path file) {
        return new FileAlreadyExistsException(
                file.toString(), null, "another export writes it now; wait until it is done, or name another file");
    }

    /** A new file that its owner alone reads. */
    private static FileChannel anew(Path file) throws IOException {
        Files.deleteIfExists(file);
        return FileChannel.open(file, ANEW, OWNER_ALONE);
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
        try (channel) {
            if (!finished) {
                Files.deleteIfExists(beside(PART));
            }
        }
    }
}
