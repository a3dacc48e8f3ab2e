package org.kiln.transfer.output;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.CsvRecords;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.RecordsParser.RecordConsumer;
import org.kiln.transfer.batch.StagedRecords;

/**
 * Kiln's own CSV: {@code records.csv} of a batch file of format 1. It holds every column.
 *
 * @param keyBlocks the columns that hold key blocks; null for none
 */
public record KilnCsv(
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable KeyBlocks keyBlocks) implements OutputFormat {

    /** Without key blocks. */
    public KilnCsv() {
        this(null);
    }

    private static final String NO_DIGEST = "0".repeat(64);

    @Override
    public String fileName() {
        return "records.csv";
    }

    @Override
    public List<Column> columns(List<Column> offered) {
        return List.copyOf(offered);
    }

    @Override
    public RowWriter writer(OutputStream out, OutputHeader header) throws IOException {
        CsvRecords csv = new CsvRecords(new Open(out), header.columns());
        CheckedRows checks = new CheckedRows(fileName(), header);
        return new RowWriter() {
            @Override
            public void append(Map<String, String> row) throws IOException {
                checks.requireWritable(csv.quantity() + 2, row);
                csv.append(row);
            }

            @Override
            public void finish() throws IOException {
                checks.requireAllWritten();
                csv.close();
            }
        };
    }

    @Override
    public void read(InputStream in, OutputHeader header, RecordConsumer consumer) throws IOException {
        Manifest manifest =
                header.batch().manifest(new StagedRecords(Path.of(""), header.columns(), header.quantity(), NO_DIGEST));
        BatchReader.CSV.parse(in, manifest, consumer);
    }

    /** Stays open when closed. */
    private static final class Open extends FilterOutputStream {

        Open(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            out.write(buffer, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
