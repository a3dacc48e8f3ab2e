package org.kiln.transfer.batch;

import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/** Reads a batch file front to back in constant memory, checking everything the format promises. */
public final class BatchReader {

    private BatchReader() {}

    /**
     * Reads a batch: the manifest, then card by card, then the count, the SHA-256 and the end of the file.
     *
     * @param in the file; read to its end and left open
     * @param handler takes manifest and cards
     * @return the manifest, once everything has been checked
     * @throws BatchFormatException if the file breaks the format: its message names place and rule
     * @throws IOException if {@code in} or {@code handler} throws it
     */
    public static Manifest read(InputStream in, BatchHandler handler) throws IOException {
        BatchZip zip = new BatchZip(in);
        zip.open(BatchFile.MANIFEST);
        Manifest manifest = ManifestJson.read(zip);
        handler.manifest(manifest);
        zip.open(BatchFile.RECORDS);
        MessageDigest digest = Sha256.digest();
        readRecords(new DigestInputStream(zip, digest), manifest, handler);
        if (!HexFormat.of().formatHex(digest.digest()).equals(manifest.sha256())) {
            throw BatchFormatException.records("its SHA-256 is not the manifest's");
        }
        zip.end();
        return manifest;
    }

    private static void readRecords(InputStream in, Manifest manifest, BatchHandler handler) throws IOException {
        RecordsReader records = new RecordsReader(in, manifest.columns());
        long count = 0;
        Optional<BatchRecord> card = records.next();
        while (card.isPresent()) {
            if (count == manifest.quantity()) {
                throw BatchFormatException.line(
                        card.get().line(),
                        "the manifest promised " + manifest.quantity() + " records, here is one more");
            }
            count++;
            handler.card(card.get());
            card = records.next();
        }
        if (count != manifest.quantity()) {
            throw BatchFormatException.records(
                    "it has " + count + " records, the manifest promised " + manifest.quantity());
        }
    }
}
