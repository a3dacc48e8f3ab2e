package org.kiln.transfer.batch;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVPrinter;

/**
 * Stages {@code records.csv} in a file of its own, readable by its owner only, while counting and hashing it: the
 * manifest, which comes first in a batch file, needs both.
 *
 * <p>Every row is checked as {@link BatchReader} will check it. Not for use by several threads at once.
 */
public final class RecordsWriter implements AutoCloseable {

    private static final long HEADER_LINES = 1;

    private final Path path;
    private final List<Column> columns;
    private final List<ColumnRule> rules;
    private final MessageDigest digest = Sha256.digest();
    private final CSVPrinter printer;
    private long quantity;

    private RecordsWriter(Path path, List<Column> columns) throws IOException {
        this.path = path;
        this.columns = columns;
        this.rules = columns.stream().map(ColumnRule::new).toList();
        this.printer = RecordsReader.FORMAT.print(new BufferedWriter(new OutputStreamWriter(
                new DigestOutputStream(Channels.newOutputStream(create(path)), digest), StandardCharsets.UTF_8)));
        printer.printRecord(columns.stream().map(Column::name).toList());
    }

    /**
     * Creates the staging file and writes the header.
     *
     * @param path a file that does not exist yet
     * @param columns 1 to 256 columns, no name twice
     * @throws java.nio.file.FileAlreadyExistsException if the file exists
     * @throws IllegalArgumentException if the columns break a rule of {@link Manifest}
     * @throws IOException if the file cannot be written
     */
    public static RecordsWriter create(Path path, List<Column> columns) throws IOException {
        Rules.require(
                !columns.isEmpty() && columns.size() <= BatchFile.MAX_COLUMNS,
                "columns has not 1 to " + BatchFile.MAX_COLUMNS + " entries");
        Manifest.checkColumns(columns);
        return new RecordsWriter(path, List.copyOf(columns));
    }

    /**
     * Appends one card.
     *
     * @param values a value for every column and for no other
     * @throws BatchFormatException if a value breaks its column's rule: line and column say where
     * @throws IOException if the file cannot be written
     */
    public void append(Map<String, String> values) throws IOException {
        long line = HEADER_LINES + quantity + 1;
        List<String> row = new ArrayList<>(columns.size());
        for (Column column : columns) {
            String value = values.get(column.name());
            if (value == null) {
                throw BatchFormatException.value(line, column.name(), "the value is missing");
            }
            row.add(value);
        }
        if (values.size() != columns.size()) {
            throw BatchFormatException.line(line, "there are values for columns the batch does not have");
        }
        RecordsReader.check(line, rules, row);
        checkLength(line, row);
        printer.printRecord(row);
        quantity++;
    }

    /**
     * Ends the file.
     *
     * @return what {@link BatchWriter} needs to know
     * @throws IllegalStateException if no card was appended
     * @throws IOException if the file cannot be written
     */
    public StagedRecords finish() throws IOException {
        if (quantity == 0) {
            throw new IllegalStateException("a batch holds at least one card; append one before finish");
        }
        close();
        return new StagedRecords(path, columns, quantity, HexFormat.of().formatHex(digest.digest()));
    }

    /** Closes the file. Without {@link #finish()} before it the file is of no use: delete it. */
    @Override
    public void close() throws IOException {
        printer.close();
    }

    /** Counts quotes twice and every value as quoted: an upper bound of the line as printed. */
    private static void checkLength(long line, List<String> row) throws BatchFormatException {
        long octets = 2;
        for (String value : row) {
            octets += 3L + value.getBytes(StandardCharsets.UTF_8).length;
            octets += value.chars().filter(c -> c == '"').count();
        }
        if (octets > BatchFile.MAX_LINE_OCTETS) {
            throw BatchFormatException.line(line, "it is longer than " + BatchFile.MAX_LINE_OCTETS + " octets");
        }
    }

    private static SeekableByteChannel create(Path path) throws IOException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        FileAttribute<?>[] ownerOnly =
                path.getFileSystem().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                        }
                        : new FileAttribute<?>[0];
        return Files.newByteChannel(path, options, ownerOnly);
    }
}
