package org.kiln.transfer.batch;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVPrinter;

/** Writes {@code records.csv} to a stream, checking every row as {@link BatchReader} will check it. */
public final class CsvRecords implements AutoCloseable {

    private static final long HEADER_LINES = 1;

    private final List<Column> columns;
    private final List<ColumnRule> rules;
    private final CSVPrinter printer;
    private long quantity;

    /**
     * Writes the header.
     *
     * @param out closed by {@link #close}
     * @param columns 1 to 256 columns, no name twice
     * @throws IllegalArgumentException if the columns break a rule of {@link Manifest}
     * @throws IOException if {@code out} throws it
     */
    public CsvRecords(OutputStream out, List<Column> columns) throws IOException {
        Manifest.requireColumns(columns);
        this.columns = List.copyOf(columns);
        this.rules = columns.stream().map(ColumnRule::new).toList();
        this.printer =
                RecordsReader.FORMAT.print(new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8)));
        printer.printRecord(columns.stream().map(Column::name).toList());
    }

    /**
     * Appends one card.
     *
     * @param values a value for every column and for no other
     * @throws BatchFormatException if a value breaks its column's rule: line and column say where
     * @throws IOException if the file cannot be written
     */
    public void append(Map<String, String> values) throws IOException {
        long line = HEADER_LINES + quantity + 1;
        List<String> row = new ArrayList<>(columns.size());
        for (Column column : columns) {
            String value = values.get(column.name());
            if (value == null) {
                throw BatchFormatException.value(line, column.name(), "the value is missing");
            }
            row.add(value);
        }
        if (values.size() != columns.size()) {
            throw BatchFormatException.line(line, "there are values for columns the batch does not have");
        }
        RecordsReader.check(line, rules, row);
        checkLength(line, row);
        printer.printRecord(row);
        quantity++;
    }

    /** Cards so far. */
    public long quantity() {
        return quantity;
    }

    /** Flushes what was written and closes the stream. */
    @Override
    public void close() throws IOException {
        printer.close();
    }

    /** Counts quotes twice and every value as quoted: an upper bound of the line as printed. */
    private static void checkLength(long line, List<String> row) throws BatchFormatException {
        long octets = 2;
        for (String value : row) {
            octets += 3L + value.getBytes(StandardCharsets.UTF_8).length;
            octets += value.chars().filter(c -> c == '"').count();
        }
        if (octets > BatchFile.MAX_LINE_OCTETS) {
            throw BatchFormatException.line(line, "it is longer than " + BatchFile.MAX_LINE_OCTETS + " octets");
        }
    }
}
