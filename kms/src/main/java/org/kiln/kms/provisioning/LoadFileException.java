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
    private final String column;
    private final String rule;

    LoadFileException(long line, String column, String rule) {
        super("line " + line + (column.isEmpty() ? "" : ", column " + column) + ": " + rule);
        this.line = line;
        this.column = column;
        this.rule = rule;
    }

    /** A value that the algorithm refuses; the refusal is the cause. */
    LoadFileException(long line, String column, AkaException refusal) {
        this(line, column, String.valueOf(refusal.getMessage()));
        initCause(refusal);
    }

    public long line() {
        return line;
    }

    /** The column whose rule was broken, or empty. */
    String column() {
        return column;
    }

    String rule() {
        return rule;
    }
}
