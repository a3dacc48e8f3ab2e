package org.kiln.transfer.output;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.batch.BatchFormatException;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.RecordsParser.RecordConsumer;

/**
 * Kiln's own JSON: one object a line, its members the columns in their order and its values texts, as in Kiln's CSV. It
 * holds every column.
 *
 * @param keyBlocks the columns that hold key blocks; null for none
 */
public record KilnJson(
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable KeyBlocks keyBlocks) implements OutputFormat {

    /** Without key blocks. */
    public KilnJson() {
        this(null);
    }

    @Override
    public String fileName() {
        return "records.jsonl";
    }

    @Override
    public List<Column> columns(List<Column> offered) {
        return List.copyOf(offered);
    }

    @Override
    public RowWriter writer(OutputStream out, OutputHeader header) {
        CheckedRows checks = new CheckedRows(fileName(), header);
        return new RowWriter() {

            private long line;

            @Override
            public void append(Map<String, String> row) throws IOException {
                checks.requireWritable(++line, row);
                ObjectNode object = JsonLines.object();
                header.columns().forEach(column -> object.put(column.name(), row.get(column.name())));
                JsonLines.write(out, fileName(), line, object);
            }

            @Override
            public void finish() throws IOException {
                checks.requireAllWritten();
                out.flush();
            }
        };
    }

    @Override
    public void read(InputStream in, OutputHeader header, RecordConsumer consumer) throws IOException {
        JsonLines lines = new JsonLines(in, fileName());
        CheckedRows checks = new CheckedRows(fileName(), header);
        for (Optional<ObjectNode> next = lines.next(); next.isPresent(); next = lines.next()) {
            consumer.record(checks.read(lines.number(), row(lines.number(), next.get(), header.columns())));
        }
    }

    private Map<String, String> row(long line, ObjectNode object, List<Column> columns) throws BatchFormatException {
        Map<String, String> row = LinkedHashMap.newLinkedHashMap(columns.size());
        for (Column column : columns) {
            JsonNode value = object.path(column.name());
            if (!value.isTextual()) {
                throw BatchFormatException.value(fileName(), line, column.name(), "the value is missing or no text");
            }
            row.put(column.name(), value.textValue());
        }
        if (object.size() != columns.size()) {
            throw BatchFormatException.line(fileName(), line, "it has members that are no columns");
        }
        return row;
    }
}
