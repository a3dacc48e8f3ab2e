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

    static BatchFormatException line(long line, String rule) {
        return line(BatchFile.RECORDS, line, rule);
    }

    static BatchFormatException value(long line, String column, String rule) {
        return value(BatchFile.RECORDS, line, column, rule);
    }

    /** A fault of a whole file of records. */
    public static BatchFormatException records(String file, String rule) {
        return new BatchFormatException(file, NO_LINE, "", rule);
    }

    /** A fault of one line of a file of records. */
    public static BatchFormatException line(String file, long line, String rule) {
        return new BatchFormatException(file + " line " + line, line, "", rule);
    }

    /** A fault of one value of a file of records. */
    public static BatchFormatException value(String file, long line, String column, String rule) {
        return new BatchFormatException(file + " line " + line + ", column " + column, line, column, rule);
    }

    /** The line of the records' file, from 1; empty if the fault is not in one line. */
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
