package org.kiln.transfer.output;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.batch.BatchFormatException;
import org.kiln.transfer.batch.LineEnd;
import org.kiln.transfer.batch.RecordsParser.RecordConsumer;
import org.kiln.transfer.batch.TextLines;

/** Writes and reads text whose rows are delimited and whose first lines follow from the header and the first row. */
final class TemplateText {

    /** The lines above the rows. */
    @FunctionalInterface
    interface Preamble {
        List<String> lines(Map<String, String> firstRow) throws BatchFormatException;
    }

    private final String file;
    private final LineEnd lineEnd;
    private final OutputHeader header;
    private final DelimitedRow row;
    private final Preamble preamble;

    TemplateText(String file, LineEnd lineEnd, OutputHeader header, DelimitedRow row, Preamble preamble) {
        this.file = file;
        this.lineEnd = lineEnd;
        this.header = header;
        this.row = row;
        this.preamble = preamble;
    }

    RowWriter writer(OutputStream out) {
        CheckedRows checks = new CheckedRows(file, header);
        return new RowWriter() {

            private long line;

            @Override
            public void append(Map<String, String> values) throws IOException {
                checks.requireWritable(line + 1, values);
                if (line == 0) {
                    for (String above : preamble.lines(values)) {
                        write(above);
                    }
                }
                write(row.format(line + 1, values));
            }

            @Override
            public void finish() throws IOException {
                checks.requireAllWritten();
                out.flush();
            }

            private void write(String text) throws IOException {
                line++;
                byte[] octets = text.getBytes(StandardCharsets.UTF_8);
                if (octets.length > TextLines.MAX_OCTETS) {
                    throw BatchFormatException.line(
                            file, line, "it is longer than " + TextLines.MAX_OCTETS + " octets");
                }
                out.write(octets);
                out.write(lineEnd.text().getBytes(StandardCharsets.US_ASCII));
            }
        };
    }

    /** The lines above the rows depend on the first row, so as many as there are wait for it. */
    void read(InputStream in, int preambleLines, RecordConsumer consumer) throws IOException {
        TextLines lines = new TextLines(in, file, lineEnd);
        CheckedRows checks = new CheckedRows(file, header);
        String[] above = new String[preambleLines];
        for (int i = 0; i < preambleLines; i++) {
            above[i] = lines.next().orElseThrow(() -> BatchFormatException.records(file, "it ends above its rows"));
        }
        @Nullable Map<String, String> first = null;
        for (Optional<String> next = lines.next(); next.isPresent(); next = lines.next()) {
            Map<String, String> values = row.parse(lines.number(), next.get());
            if (first == null) {
                first = values;
                requirePreamble(above, preamble.lines(values));
            }
            consumer.record(checks.read(lines.number(), values));
        }
    }

    private void requirePreamble(String[] found, List<String> expected) throws BatchFormatException {
        for (int i = 0; i < found.length; i++) {
            if (!found[i].equals(expected.get(i))) {
                throw BatchFormatException.line(
                        file, i + 1L, "it is not the line that order, template and first row make");
            }
        }
    }
}
