package org.kiln.kms.provisioning;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;
import org.kiln.kms.subscriber.AlgorithmCatalogue;

/** One reading of a load file, row by row; what has been read is not kept. */
final class LoadFile implements AutoCloseable {

    private static final int BUFFER = 1 << 16;

    private static final CSVFormat FORMAT = CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW)
            .setTrim(true)
            .setIgnoreEmptyLines(true)
            .get();

    private final FileChannel channel;
    private final MessageDigest digest = sha256Digest();
    private final CSVParser parser;
    private final Iterator<CSVRecord> records;

    /**
     * Reads the header.
     *
     * @throws LoadFileException if it is wrong
     */
    LoadFile(Path file) throws IOException {
        channel = FileChannel.open(file);
        try {
            parser = parser();
            requireColumns(parser.getHeaderNames());
            records = parser.iterator();
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private CSVParser parser() throws IOException {
        try {
            DigestInputStream octets = new DigestInputStream(Channels.newInputStream(channel), digest);
            return CSVParser.parse(new InputStreamReader(octets, StandardCharsets.UTF_8.newDecoder()), FORMAT);
        } catch (CSVException e) {
            throw new LoadFileException(1, "", "the header is no CSV: look for a stray quote");
        } catch (MalformedInputException e) {
            throw new LoadFileException(1, "", "the file is not UTF-8 text");
        } catch (IllegalArgumentException e) {
            throw new LoadFileException(1, "", "the header is wrong: " + e.getMessage());
        }
    }

    private static void requireColumns(List<String> names) {
        List<String> usual = SubscriberImport.COLUMNS;
        for (String column : usual) {
            if (!names.contains(column) && !LoadRow.OPTIONAL.contains(column)) {
                throw new LoadFileException(
                        1, column, "the column is missing; the header is " + String.join(",", usual));
            }
        }
        for (String name : names) {
            if (!usual.contains(name) && !LoadRow.OPTIONAL.contains(name)) {
                throw new LoadFileException(
                        1,
                        name,
                        "unknown column; the header is " + String.join(",", usual) + " and, if wanted, "
                                + String.join(",", LoadRow.OPTIONAL));
            }
        }
    }

    /** A row as it stands in the file. */
    record Row(long line, CSVRecord csv, int columns) {

        /** @throws LoadFileException if it breaks a rule */
        LoadRow checked(AlgorithmCatalogue catalogue) {
            if (!csv.isConsistent()) {
                throw new LoadFileException(line, "", "expected " + columns + " values, found " + csv.size());
            }
            return LoadRow.of(column -> csv.isMapped(column) ? csv.get(column) : "", line, catalogue);
        }

        @Override
        public String toString() {
            return "Row[line " + line + "]";
        }
    }

    /**
     * The next row; empty at the end.
     *
     * @throws LoadFileException if the file is no CSV from here on
     */
    Optional<Row> next() {
        try {
            if (!records.hasNext()) {
                return Optional.empty();
            }
        } catch (UncheckedIOException e) {
            if (!(e.getCause() instanceof CSVException) && !(e.getCause() instanceof MalformedInputException)) {
                throw e;
            }
            throw new LoadFileException(
                    parser.getCurrentLineNumber() + 1, "", "this is no CSV from here on: look for a stray quote");
        }
        CSVRecord csv = records.next();
        return Optional.of(new Row(
                parser.getCurrentLineNumber(), csv, parser.getHeaderNames().size()));
    }

    /** Octets of the file that have been read. */
    long position() throws IOException {
        return channel.position();
    }

    /** SHA-256 of the file, once its last row has been read; hexadecimal. */
    String sha256() {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** SHA-256 of a file; hexadecimal. */
    static String sha256(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            MessageDigest digest = sha256Digest();
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
            while (channel.read(buffer.clear()) >= 0) {
                digest.update(buffer.flip());
            }
            return HexFormat.of().formatHex(digest.digest());
        }
    }

    private static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
