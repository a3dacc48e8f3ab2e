package org.kiln.transfer.batch;

import java.io.IOException;

/** Batch files that no writer makes: any manifest over any records. */
public final class Repack {

    private Repack() {}

    public static byte[] with(Manifest manifest, byte[] records) throws IOException {
        return Batches.zip(BatchFile.MANIFEST, ManifestJson.write(manifest), manifest.recordsName(), records);
    }
}
