package org.kiln.token;

/** Whether a family does something, as far as a document or a trial says. */
public enum Support {
    SUPPORTED,
    UNSUPPORTED,
    /** No source was found; {@code kiln hsm certify} tells. */
    UNKNOWN
}
