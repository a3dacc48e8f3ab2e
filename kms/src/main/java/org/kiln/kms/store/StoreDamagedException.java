package org.kiln.kms.store;

import java.nio.file.Path;

/** A database file is not what it was when it was last closed, or is no sound database; nothing is served from it. */
public final class StoreDamagedException extends StoreException {

    private static final long serialVersionUID = 1L;

    StoreDamagedException(Path file, String how) {
        super("the store " + file + " is damaged: " + how
                + ". Nothing is served from it. Keep the file, and restore the"
                + " last backup into a new data folder (kiln storage-key restore, then kiln restore)");
    }
}
