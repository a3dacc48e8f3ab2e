package org.kiln.transfer.envelope;

import java.io.IOException;
import java.io.OutputStream;

/** Writes the content that is to be sealed. */
@FunctionalInterface
public interface ContentWriter {

    /**
     * Writes all of the content. If this throws, the envelope stays without signature and tag: nobody can open it.
     *
     * @param out where to; closing it has no effect
     * @throws IOException passed on to the caller of {@link Sealer#seal}
     */
    void writeTo(OutputStream out) throws IOException;
}
