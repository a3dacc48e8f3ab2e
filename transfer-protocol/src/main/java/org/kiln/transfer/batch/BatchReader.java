package org.kiln.transfer.batch;

import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/** Reads a batch file front to back in constant memory, checking everything the format promises. */
public final class BatchReader {

    /** Reads {@code records.csv}. */
    public static final RecordsParser CSV = BatchReader::csv;

    private BatchReader() {}

    /** Reads a batch whose records are {@code records.csv}, as {@link #read(InputStream, RecordsParser, BatchHandler)}. */
    public static Manifest read(InputStream in, BatchHandler handler) throws IOException {
        return read(in, CSV, handler);
    }

    /**
     * Reads a batch: the manifest, then card by card, then the count, the SHA-256 and the end of the file.
     *
     * @param in the file; read to its end and left open
     * @param parser reads the records
     * @param handler takes manifest and cards
     * @return the manifest, once everything has been checked
     * @throws BatchFormatException if the file breaks the format: its message names place and rule
     * @throws IOException if {@code in} or {@code handler} throws it
     */
    public static Manifest read(InputStream in, RecordsParser parser, BatchHandler handler) throws IOException {
        BatchZip zip = new BatchZip(in);
        zip.open(BatchFile.MANIFEST);
        Manifest manifest = ManifestJson.read(zip);
        handler.manifest(manifest);
        zip.open(manifest.recordsName());
        MessageDigest digest = Sha256.digest();
        RecordCount count = new RecordCount(manifest, handler);
        parser.parse(new DigestInputStream(zip, digest), manifest, count);
        count.requireAll();
        if (!HexFormat.of().formatHex(digest.digest()).equals(manifest.sha256())) {
            throw BatchFormatException.records(
                    manifest.recordsName(),
                    "its SHA-256 is not the manifest's: lines were changed, or put in another order");
        }
        zip.end(manifest.recordsName());
        return manifest;
    }

    private static void csv(InputStream in, Manifest manifest, RecordsParser.RecordConsumer consumer)
            throws IOException {
        if (manifest.records() != null) {
            throw BatchFormatException.manifest("its records are " + manifest.records() + ", not " + BatchFile.RECORDS);
        }
        RecordsReader records = new RecordsReader(in, manifest.columns());
        for (Optional<BatchRecord> card = records.next(); card.isPresent(); card = records.next()) {
            consumer.record(card.get());
        }
    }

    /** Counts the records against the manifest. */
    private static final class RecordCount implements RecordsParser.RecordConsumer {

        private final Manifest manifest;
        private final BatchHandler handler;
        private long count;

        RecordCount(Manifest manifest, BatchHandler handler) {
            this.manifest = manifest;
            this.handler = handler;
        }

        @Override
        public void record(BatchRecord record) throws IOException {
            if (count == manifest.quantity()) {
                throw BatchFormatException.line(
                        manifest.recordsName(),
                        record.line(),
                        "the manifest promised " + manifest.quantity() + " records, here is one more");
            }
            count++;
            handler.card(record);
        }

        void requireAll() throws BatchFormatException {
            if (count != manifest.quantity()) {
                throw BatchFormatException.records(
                        manifest.recordsName(),
                        "it has " + count + " records, the manifest promised " + manifest.quantity());
            }
        }
    }
}
