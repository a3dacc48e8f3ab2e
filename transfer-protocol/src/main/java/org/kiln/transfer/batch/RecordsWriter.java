package org.kiln.transfer.batch;

import java.io.IOException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Stages {@code records.csv} in a file of its own, readable by its owner only, while counting and hashing it: the
 * manifest, which comes first in a batch file, needs both.
 *
 * <p>Every row is checked as {@link BatchReader} will check it. Not for use by several threads at once.
 */
public final class RecordsWriter implements AutoCloseable {

    private final Path path;
    private final List<Column> columns;
    private final MessageDigest digest = Sha256.digest();
    private final CsvRecords csv;

    private RecordsWriter(Path path, List<Column> columns) throws IOException {
        this.path = path;
        this.columns = columns;
        this.csv = new CsvRecords(new DigestOutputStream(OwnerOnlyFile.create(path), digest), columns);
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
        Manifest.requireColumns(columns);
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
        csv.append(values);
    }

    /**
     * Ends the file.
     *
     * @return what {@link BatchWriter} needs to know
     * @throws IllegalStateException if no card was appended
     * @throws IOException if the file cannot be written
     */
    public StagedRecords finish() throws IOException {
        if (csv.quantity() == 0) {
            throw new IllegalStateException("a batch holds at least one card; append one before finish");
        }
        close();
        return new StagedRecords(path, columns, csv.quantity(), HexFormat.of().formatHex(digest.digest()));
    }

    /** Closes the file. Without {@link #finish()} before it the file is of no use: delete it. */
    @Override
    public void close() throws IOException {
        csv.close();
    }
}
