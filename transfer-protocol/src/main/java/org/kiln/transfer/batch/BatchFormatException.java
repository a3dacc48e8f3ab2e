package org.kiln.transfer.batch;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A batch file that breaks the format: the message names the place and the rule, and never quotes a value.
 *
 * <p>Nothing of such a file may be used. Ask its sender for a new one.
 */
public final class BatchFormatException extends IOException {

    private static final long serialVersionUID = 1L;
    private static final long NO_LINE = 0;

    private final long line;
    private final String column;
    private final String rule;

    private BatchFormatException(String place, long line, String column, String rule) {
        super(place + ": " + rule);
        this.line = line;
        this.column = column;
        this.rule = rule;
    }

    static BatchFormatException container(String rule) {
        return new BatchFormatException("batch file", NO_LINE, "", rule);
    }

    static BatchFormatException truncated() {
        return container("it ends too early; fetch the whole file again");
    }

    static BatchFormatException manifest(String rule) {
        return new BatchFormatException(BatchFile.MANIFEST, NO_LINE, "", rule);
    }

    static BatchFormatException records(String rule) {
        return new BatchFormatException(BatchFile.RECORDS, NO_LINE, "", rule);
    }

    static BatchFormatException line(long line, String rule) {
        return new BatchFormatException(BatchFile.RECORDS + " line " + line, line, "", rule);
    }

    static BatchFormatException value(long line, String column, String rule) {
        return new BatchFormatException(BatchFile.RECORDS + " line " + line + ", column " + column, line, column, rule);
    }

    /** The line of {@code records.csv}, the header being line 1; empty if the fault is not in one line. */
    public OptionalLong line() {
        return line == NO_LINE ? OptionalLong.empty() : OptionalLong.of(line);
    }

    /** The column's name; empty if the fault is not in one value. */
    public Optional<String> column() {
        return column.isEmpty() ? Optional.empty() : Optional.of(column);
    }

    /** The rule that was broken. */
    public String rule() {
        return rule;
    }
}
