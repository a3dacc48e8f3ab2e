package org.kiln.transfer.output;

import java.nio.file.Path;
import java.util.List;
import org.kiln.transfer.batch.BatchHeader;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.KeyReference;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.StagedRecords;

/**
 * What is said about the rows of a file before the first of them.
 *
 * @param batch order, batch, issuer, recipient, time, profile and keys
 * @param quantity rows, 1 to 100 million
 * @param columns the columns that rows have; a format may leave some of them out of its file
 */
public record OutputHeader(BatchHeader batch, long quantity, List<Column> columns) {

    private static final String NO_DIGEST = "0".repeat(64);

    /**
     * Checks that a manifest can be made of it.
     *
     * @throws IllegalArgumentException if a rule of {@link Manifest} is broken
     */
    public OutputHeader {
        columns = List.copyOf(columns);
        batch.manifest(new StagedRecords(Path.of(""), columns, quantity, NO_DIGEST));
    }

    /** What a manifest says. */
    public static OutputHeader of(Manifest manifest) {
        return new OutputHeader(
                new BatchHeader(
                        manifest.orderId(),
                        manifest.batchId(),
                        manifest.issuer(),
                        manifest.recipient(),
                        manifest.created(),
                        manifest.keys(),
                        manifest.profile()),
                manifest.quantity(),
                manifest.columns());
    }

    /**
     * A column.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public Column column(String name) {
        return columns.stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no column " + name));
    }

    /**
     * The transport key of a wrapped column.
     *
     * @throws IllegalArgumentException if the column is not wrapped, or there is none of that name
     */
    public KeyReference keyOf(String column) {
        String label = column(column).keyLabel();
        return batch.keys().stream()
                .filter(key -> key.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("column " + column + " has no transport key"));
    }
}
