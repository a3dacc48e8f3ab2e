package org.kiln.kms.provisioning;

import java.util.Set;

/** Where a transport key stands in its life (NIST SP 800-57 Part 1, clause 7). */
public enum TransportKeyState {
    /** Made, and not to be used yet. */
    PRE_ACTIVE,
    /** Wraps or unwraps. */
    ACTIVE,
    /** Not to be used until its case is decided. */
    SUSPENDED,
    /** Wraps nothing any more; what came under an incoming key may still be taken. */
    RETIRED,
    /** Gone from the token. */
    DESTROYED;

    /** Whether a key of this state may go to that one. */
    boolean mayBecome(TransportKeyState next) {
        return switch (this) {
            case PRE_ACTIVE -> Set.of(ACTIVE, DESTROYED).contains(next);
            case ACTIVE -> Set.of(SUSPENDED, RETIRED).contains(next);
            case SUSPENDED -> Set.of(ACTIVE, RETIRED, DESTROYED).contains(next);
            case RETIRED -> next == DESTROYED;
            case DESTROYED -> next == DESTROYED;
        };
    }
}
