package org.kiln.transfer.batch;

/** How the values of a column stand in the file. */
public enum Protection {
    /** As text. */
    CLEAR,
    /** Wrapped under a transport key: upper-case hexadecimal. */
    WRAPPED
}
