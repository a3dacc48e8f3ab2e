package org.kiln.transfer.batch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Packs staged records and their manifest into a batch file. The same input gives the same octets. */
public final class BatchWriter {

    private BatchWriter() {}

    /**
     * Writes the batch file.
     *
     * @param out where to; stays open
     * @param header who, for whom, when, under which keys
     * @param records the staged records; their file stays where it is, for the caller to delete
     * @return the manifest written
     * @throws IllegalArgumentException if header and records together break a rule of {@link Manifest}
     * @throws BatchFormatException if the staged file is no longer what was staged
     * @throws IOException if reading or writing fails
     */
    public static Manifest write(OutputStream out, BatchHeader header, StagedRecords records) throws IOException {
        Manifest manifest = header.manifest(records);
        ZipOutputStream zip = new ZipOutputStream(out);
        zip.setLevel(Deflater.BEST_SPEED);
        zip.putNextEntry(entry(BatchFile.MANIFEST));
        zip.write(ManifestJson.write(manifest));
        zip.closeEntry();
        zip.putNextEntry(entry(manifest.recordsName()));
        MessageDigest digest = Sha256.digest();
        try (InputStream in = records.open()) {
            in.transferTo(new DigestOutputStream(zip, digest));
        }
        zip.closeEntry();
        if (!HexFormat.of().formatHex(digest.digest()).equals(manifest.sha256())) {
            throw BatchFormatException.records(
                    manifest.recordsName(), "the staged file changed since it was written; stage it again");
        }
        zip.finish();
        return manifest;
    }

    private static ZipEntry entry(String name) {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(BatchFile.ENTRY_TIME);
        return entry;
    }
}
