package org.kiln.transfer.batch;

import java.io.IOException;

/**
 * Takes the parts of a batch as {@link BatchReader} meets them. Until {@code read} has returned they are provisional: a
 * fault may still come, and then all that was done with them is to be undone.
 */
@FunctionalInterface
public interface BatchHandler {

    /**
     * The manifest, before any record. Throw to refuse the batch.
     *
     * @throws IOException passed on to the caller of {@code read}
     */
    default void manifest(Manifest manifest) throws IOException {}

    /**
     * The next card.
     *
     * @throws IOException passed on to the caller of {@code read}
     */
    void card(BatchRecord card) throws IOException;
}
