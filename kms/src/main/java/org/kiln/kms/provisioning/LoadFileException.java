package org.kiln.kms.provisioning;

import org.kiln.kms.aka.AkaException;

/**
 * A load file breaks a rule.
 *
 * <p>The message reads {@code line 7, column eki: …}.
 */
public final class LoadFileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long line;

    LoadFileException(long line, String column, String rule) {
        super("line " + line + (column.isEmpty() ? "" : ", column " + column) + ": " + rule);
        this.line = line;
    }

    /** A value that the algorithm refuses; the refusal is the cause. */
    LoadFileException(long line, String column, AkaException refusal) {
        this(line, column, String.valueOf(refusal.getMessage()));
        initCause(refusal);
    }

    public long line() {
        return line;
    }
}
