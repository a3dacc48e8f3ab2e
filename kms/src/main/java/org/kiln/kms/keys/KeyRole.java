package org.kiln.kms.keys;

import java.util.Set;
import org.kiln.pkcs11.Cka;

/** What a key that the security officer makes is for: key-encrypting keys, which are TRUSTED, and keys for key blocks. */
public enum KeyRole {
    /** Wraps and unwraps keys at rest in the store. */
    STORAGE,
    /** As {@link #STORAGE}, where the vendor's mechanisms for vectors are operations of signing under it. */
    VECTOR_STORAGE,
    /** Wraps keys that leave for a partner. */
    OUTGOING_TRANSPORT,
    /** Unwraps keys that come from a partner; never wraps, for the partner knows it. */
    INCOMING_TRANSPORT,
    /** Computes the CMACs that keys of key blocks are derived by, and wraps nothing, so that it is not TRUSTED. */
    KEY_BLOCKS;

    /** All that a key of this role may do. */
    Set<Cka> rights() {
        return switch (this) {
            case STORAGE -> Set.of(Cka.WRAP, Cka.UNWRAP);
            case VECTOR_STORAGE -> Set.of(Cka.WRAP, Cka.UNWRAP, Cka.SIGN);
            case OUTGOING_TRANSPORT -> Set.of(Cka.WRAP);
            case INCOMING_TRANSPORT -> Set.of(Cka.UNWRAP);
            case KEY_BLOCKS -> Set.of(Cka.SIGN);
        };
    }

    /** Whether keys that are to leave under TRUSTED keys only may leave under one of this role. */
    boolean isTrusted() {
        return this != KEY_BLOCKS;
    }
}
