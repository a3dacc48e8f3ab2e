package org.kiln.kms.rotation;

import java.util.Optional;

/**
 * A version of the storage keys {@code SK-n} and {@code SKH-n}.
 *
 * @param made when, as are the others, in ISO 8601
 */
public record StorageKeyVersion(
        int version, State state, String made, Optional<String> retired, Optional<String> destroyed) {

    /** What it is used for. */
    public enum State {
        /** What is stored now is wrapped under it. */
        CURRENT,
        /** Only unwraps; its blobs move to the current one. */
        RETIRING,
        /** Gone from the token, or going. */
        DESTROYED
    }
}
