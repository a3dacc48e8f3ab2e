package org.kiln.kms.suci;

/** Where a home-network key stands in its life. */
public enum SuciKeyState {
    /** New cards get it, and SUCIs made with it are resolved. */
    ACTIVE,
    /** SUCIs made with it are resolved still, while its cards get the next one. */
    RETIRING,
    /** Nothing is resolved with it; its private key is destroyed. */
    RETIRED;

    boolean mayBecome(SuciKeyState next) {
        return (this == ACTIVE && next == RETIRING) || (this == RETIRING && next == RETIRED);
    }

    boolean serves() {
        return this != RETIRED;
    }
}
