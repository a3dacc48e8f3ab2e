package org.kiln.transfer.batch;

import java.io.IOException;
import java.io.InputStream;

/** Reads the records of a batch in one or several formats. */
@FunctionalInterface
public interface RecordsParser {

    /**
     * Reads all records and hands each on.
     *
     * @param records the entry; read to its end, not closed
     * @param manifest says what it holds
     * @throws BatchFormatException if a record breaks the format, or the format is not one that this parser reads
     * @throws IOException if {@code records} or {@code consumer} throws it
     */
    void parse(InputStream records, Manifest manifest, RecordConsumer consumer) throws IOException;

    /** Takes each record. */
    @FunctionalInterface
    interface RecordConsumer {

        /** @throws IOException passed on to the caller of {@code parse} */
        void record(BatchRecord record) throws IOException;
    }
}
