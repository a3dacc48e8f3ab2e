package org.kiln.transfer.batch;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One card of a batch.
 *
 * @param line its line in the records' file; in {@code records.csv} the header is line 1, the first card line 2
 * @param values column name to value, in the order of the columns
 */
public record BatchRecord(long line, Map<String, String> values) {

    public BatchRecord {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * One value.
     *
     * @throws IllegalArgumentException if there is no such column
     */
    public String value(String column) {
        String value = values.get(column);
        if (value == null) {
            throw new IllegalArgumentException("the batch has no column " + column + "; it has " + values.keySet());
        }
        return value;
    }

    /** Line and column names: values stay out of logs. */
    @Override
    public String toString() {
        return "BatchRecord[line=" + line + ", columns=" + values.keySet() + "]";
    }
}
