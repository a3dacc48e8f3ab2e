package org.kiln.transfer.batch;

/** How the values of a column stand in the file. */
public enum Protection {
    /** As text. */
    CLEAR,
    /** Wrapped under a transport key: upper-case hexadecimal. */
    WRAPPED,
    /**
     * A key block of ANSI X9.143 (TR-31) version D without optional blocks: upper-case letters and digits. Whoever makes or
     * opens it has the key in his host's memory, unless his token knows key blocks.
     */
    KEY_BLOCK
}
