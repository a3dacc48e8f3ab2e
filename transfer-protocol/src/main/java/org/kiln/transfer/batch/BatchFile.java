package org.kiln.transfer.batch;

import java.time.LocalDateTime;

/** Names and bounds of formats {@code kiln-batch/1} and {@code kiln-batch/2}. The bounds keep a hostile file from filling memory. */
final class BatchFile {

    static final String FORMAT_VERSION = "kiln-batch/1";
    static final String FORMAT_VERSION_2 = "kiln-batch/2";
    static final String MANIFEST = "manifest.json";
    static final String RECORDS = "records.csv";

    /** The earliest time a ZIP can hold; the true one is {@link Manifest#created()}. */
    static final LocalDateTime ENTRY_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    static final int MAX_MANIFEST_OCTETS = 1 << 20;
    static final int MAX_LINE_OCTETS = 1 << 14;
    static final int MAX_COLUMNS = 256;
    static final int MAX_KEYS = 256;
    static final long MAX_QUANTITY = 100_000_000;

    private BatchFile() {}
}
