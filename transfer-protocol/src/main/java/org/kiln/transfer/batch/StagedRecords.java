package org.kiln.transfer.batch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
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
 * @param cipher hides the file on the disk; null where it stands as it is
 */
public record StagedRecords(
        Path path,
        List<Column> columns,
        long quantity,
        String sha256,
        @Nullable RecordsFile file,
        @Nullable StagingCipher cipher) {

    public StagedRecords {
        columns = List.copyOf(columns);
    }

    /** A staged {@code records.csv}. */
    public StagedRecords(Path path, List<Column> columns, long quantity, String sha256) {
        this(path, columns, quantity, sha256, null, null);
    }

    /** The records as they are to be packed; the caller closes. */
    InputStream open() throws IOException {
        InputStream staged = Files.newInputStream(path);
        return cipher == null ? staged : cipher.showing(staged);
    }
}
