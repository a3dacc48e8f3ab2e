package org.kiln.transfer.output;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kiln.transfer.batch.BatchFormatException;
import org.kiln.transfer.batch.BatchRecord;
import org.kiln.transfer.batch.ColumnRule;

/** The rules that rows of every format obey: a value for each column, none besides, and as many rows as promised. */
final class CheckedRows {

    private final String file;
    private final OutputHeader header;
    private final List<ColumnRule> rules;
    private long count;

    CheckedRows(String file, OutputHeader header) {
        this.file = file;
        this.header = header;
        this.rules = header.columns().stream().map(ColumnRule::new).toList();
    }

    /** Checks a row that is to be written at {@code line}. */
    void requireWritable(long line, Map<String, String> row) throws BatchFormatException {
        if (count == header.quantity()) {
            throw BatchFormatException.line(
                    file, line, "the header promised " + header.quantity() + " rows, here is one more");
        }
        for (ColumnRule rule : rules) {
            String name = rule.column().name();
            String value = row.get(name);
            if (value == null) {
                throw BatchFormatException.value(file, line, name, "the value is missing");
            }
            require(line, rule, value);
        }
        if (row.size() != rules.size()) {
            throw BatchFormatException.line(file, line, "there are values for columns the file does not have");
        }
        count++;
    }

    void requireAllWritten() {
        if (count != header.quantity()) {
            throw new IllegalStateException(file + " has " + count + " rows, its header promised " + header.quantity());
        }
    }

    /** Checks the values that a row has. */
    BatchRecord read(long line, Map<String, String> row) throws BatchFormatException {
        for (ColumnRule rule : rules) {
            String value = row.get(rule.column().name());
            if (value != null) {
                require(line, rule, value);
            }
        }
        return new BatchRecord(line, row);
    }

    private void require(long line, ColumnRule rule, String value) throws BatchFormatException {
        Optional<String> broken = rule.brokenBy(value);
        if (broken.isPresent()) {
            throw BatchFormatException.value(file, line, rule.column().name(), broken.get());
        }
    }
}
