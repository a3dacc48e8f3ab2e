package org.kiln.transfer.batch;

import java.nio.file.Path;
import java.util.List;

/**
 * A finished {@code records.csv}, waiting to be packed. Made by {@link RecordsWriter#finish()}.
 *
 * @param path where it lies
 * @param columns its columns in order
 * @param quantity its cards
 * @param sha256 its SHA-256: 64 lower-case hexadecimal digits
 */
public record StagedRecords(Path path, List<Column> columns, long quantity, String sha256) {

    public StagedRecords {
        columns = List.copyOf(columns);
    }
}
