package org.kiln.transfer.batch;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the maker of a batch says about it: the manifest without the parts that follow from the records. See
 * {@link Manifest} for each part.
 */
public record BatchHeader(
        String orderId,
        String batchId,
        String issuer,
        String recipient,
        Instant created,
        List<KeyReference> keys,
        @Nullable String profile) {

    public BatchHeader {
        keys = List.copyOf(keys);
    }

    /** A header that names no profile. */
    public BatchHeader(
            String orderId, String batchId, String issuer, String recipient, Instant created, List<KeyReference> keys) {
        this(orderId, batchId, issuer, recipient, created, keys, null);
    }

    /**
     * The manifest of these records: of format 1 for {@code records.csv} without a profile's name, else of format 2.
     *
     * @throws IllegalArgumentException if the two together break a rule of {@link Manifest}
     */
    public Manifest manifest(StagedRecords records) {
        return new Manifest(
                profile == null && records.file() == null ? BatchFile.FORMAT_VERSION : BatchFile.FORMAT_VERSION_2,
                orderId,
                batchId,
                issuer,
                recipient,
                created,
                records.quantity(),
                records.sha256(),
                records.columns(),
                keys,
                profile,
                records.file());
    }
}
