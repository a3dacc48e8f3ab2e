package org.kiln.transfer.batch;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Reads {@code records.csv} line by line and checks each value against its column. */
final class RecordsReader {

    static final CSVFormat FORMAT = CSVFormat.RFC4180;

    private final TextLines lines;
    private final List<Column> columns;
    private final List<ColumnRule> rules;

    /**
     * Reads the header.
     *
     * @throws BatchFormatException if it is not the columns' names in order
     */
    RecordsReader(InputStream in, List<Column> columns) throws IOException {
        this.lines = new TextLines(in, BatchFile.RECORDS, LineEnd.CRLF);
        this.columns = columns;
        this.rules = columns.stream().map(ColumnRule::new).toList();
        String header = lines.next().orElseThrow(() -> BatchFormatException.records(BatchFile.RECORDS, "it is empty"));
        if (!split(header).equals(columns.stream().map(Column::name).toList())) {
            throw BatchFormatException.line(1, "the header is not the manifest's column names in order");
        }
    }

    Optional<BatchRecord> next() throws IOException {
        Optional<String> line = lines.next();
        return line.isEmpty() ? Optional.empty() : Optional.of(parse(line.get()));
    }

    private BatchRecord parse(String line) throws BatchFormatException {
        List<String> values = split(line);
        check(lines.number(), rules, values);
        Map<String, String> byName = LinkedHashMap.newLinkedHashMap(values.size());
        for (int i = 0; i < values.size(); i++) {
            byName.put(columns.get(i).name(), values.get(i));
        }
        return new BatchRecord(lines.number(), byName);
    }

    static void check(long line, List<ColumnRule> rules, List<String> values) throws BatchFormatException {
        if (values.size() != rules.size()) {
            throw BatchFormatException.line(line, "it has " + values.size() + " values, not " + rules.size());
        }
        for (int i = 0; i < values.size(); i++) {
            ColumnRule rule = rules.get(i);
            Optional<String> broken = rule.brokenBy(values.get(i));
            if (broken.isPresent()) {
                throw BatchFormatException.value(line, rule.column().name(), broken.get());
            }
        }
    }

    private List<String> split(String line) throws BatchFormatException {
        if (line.indexOf('\r') >= 0) {
            throw BatchFormatException.line(lines.number(), "it holds a CR in its midst");
        }
        try (CSVParser parser = CSVParser.parse(new StringReader(line), FORMAT)) {
            List<CSVRecord> records = parser.getRecords();
            return records.isEmpty() ? List.of("") : records.getFirst().toList();
        } catch (IOException | UncheckedIOException | IllegalStateException e) {
            throw BatchFormatException.line(lines.number(), "its quotes do not match (RFC 4180)");
        }
    }
}
