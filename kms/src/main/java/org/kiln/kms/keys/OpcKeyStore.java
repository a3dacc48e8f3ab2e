package org.kiln.kms.keys;

import java.util.Optional;

/** Keeps the OPc keys {@code SKO-n}, one for each version of the storage keys, wrapped under {@code SKH-n}. */
public interface OpcKeyStore {

    /** The key of a version, if there is one yet. */
    Optional<WrappedKey> find(int version);

    /**
     * Keeps a key that was made for a version, unless another process was first.
     *
     * @return the one that is kept
     */
    WrappedKey keep(int version, WrappedKey made);
}
