package org.kiln.kms.provisioning;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes load files of any length. */
public final class ScratchLoadFile implements AutoCloseable {

    private final BufferedWriter out;

    public ScratchLoadFile(Path file) throws IOException {
        out = Files.newBufferedWriter(file);
        out.write(String.join(",", SubscriberImport.COLUMNS) + "\n");
    }

    /** Adds subscriber {@code number} of {@link ScratchNode}. */
    public void add(int number) throws IOException {
        out.write(ScratchNode.row(number));
        out.write('\n');
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
