package org.kiln.transfer.batch;

import java.time.Instant;
import java.util.List;

/**
 * What the maker of a batch says about it: the manifest without the parts that follow from the records. See
 * {@link Manifest} for each part.
 */
public record BatchHeader(
        String orderId, String batchId, String issuer, String recipient, Instant created, List<KeyReference> keys) {

    public BatchHeader {
        keys = List.copyOf(keys);
    }

    /**
     * The manifest of these records.
     *
     * @throws IllegalArgumentException if the two together break a rule of {@link Manifest}
     */
    public Manifest manifest(StagedRecords records) {
        return new Manifest(
                BatchFile.FORMAT_VERSION,
                orderId,
                batchId,
                issuer,
                recipient,
                created,
                records.quantity(),
                records.sha256(),
                records.columns(),
                keys);
    }
}
