package org.kiln.kms.subscriber;

/** Where a subscriber's vectors are computed. */
public enum Engine {
    /** AES blocks in the token, the rest here: Milenage. Ki stays in the token. */
    PORTABLE("portable"),
    /** The token's own mechanism. Ki stays in the token, and OPc goes there. */
    VENDOR("vendor"),
    /** Ki is read into locked memory for one call: only what {@code auc.guardedHost} lists. */
    GUARDED_HOST("guarded-host");

    private final String label;

    Engine(String label) {
        this.label = label;
    }

    /** The name in metrics and views. */
    public String label() {
        return label;
    }
}
