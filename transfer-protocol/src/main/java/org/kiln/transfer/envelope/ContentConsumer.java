package org.kiln.transfer.envelope;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Takes the content of an opened envelope.
 *
 * @param <T> what it makes of it
 */
@FunctionalInterface
public interface ContentConsumer<T extends @Nullable Object> {

    /**
     * Reads the content, as far as it likes. Until {@link Opener#open} has returned, the outcome is provisional.
     *
     * @throws IOException passed on to the caller of {@link Opener#open}
     */
    T accept(InputStream content) throws IOException;
}
