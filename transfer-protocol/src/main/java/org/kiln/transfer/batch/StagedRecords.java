package org.kiln.transfer.batch;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finished records, waiting to be packed.
 *
 * @param path where they lie
 * @param columns their columns in order
 * @param quantity their cards
 * @param sha256 the file's SHA-256: 64 lower-case hexadecimal digits
 * @param file name and format of the records; null for {@code records.csv}, which {@link RecordsWriter} makes
 */
public record StagedRecords(
        Path path,
        List<Column> columns,
        long quantity,
        String sha256,
        @Nullable RecordsFile file) {

    public StagedRecords {
        columns = List.copyOf(columns);
    }

    /** A staged {@code records.csv}. */
    public StagedRecords(Path path, List<Column> columns, long quantity, String sha256) {
        this(path, columns, quantity, sha256, null);
    }
}
