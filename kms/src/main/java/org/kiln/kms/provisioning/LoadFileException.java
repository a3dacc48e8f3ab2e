package org.kiln.kms.provisioning;

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

    public long line() {
        return line;
    }
}
