package org.kiln.transfer.output;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.LineEnd;
import org.kiln.transfer.batch.RecordsParser.RecordConsumer;

/**
 * A load file of an HLR or AuC with eKi: delimited rows of, for example, IMSI, MSISDN, eKi, eOPc, algorithm and key index,
 * with or without lines above them. Algorithm and index are {@link Field.Constant}s; label and check value of the transport
 * key come from the batch, in a header line or in each row.
 *
 * @param header lines above the rows, at most 64
 * @param namesRow whether a line with the fields' names stands between them and the rows
 * @param fields the values of each row
 */
public record HlrLoad(
        @JsonProperty(required = true) List<HeaderLine> header,
        @JsonProperty(required = true) boolean namesRow,
        @JsonProperty(required = true) List<Field> fields,
        @JsonProperty(required = true) Separator separator,
        @JsonProperty(required = true) LineEnd lineEnd)
        implements OutputFormat {

    private static final int MAX_HEADER = 64;

    /**
     * Checks the template.
     *
     * @throws IllegalArgumentException if a rule above is broken
     */
    public HlrLoad {
        fields = DelimitedRow.checked(fields);
        header = List.copyOf(header);
        if (header.size() > MAX_HEADER) {
            throw new IllegalArgumentException("a template has at most " + MAX_HEADER + " header lines");
        }
    }

    @Override
    @JsonIgnore
    public String fileName() {
        return "subscribers.txt";
    }

    @Override
    public List<Column> columns(List<Column> offered) {
        return DelimitedRow.columns(fields, offered);
    }

    @Override
    public RowWriter writer(OutputStream out, OutputHeader of) {
        return text(of).writer(out);
    }

    @Override
    public void read(InputStream in, OutputHeader of, RecordConsumer consumer) throws IOException {
        text(of).read(in, header.size() + (namesRow ? 1 : 0), consumer);
    }

    private TemplateText text(OutputHeader of) {
        columns(of.columns());
        DelimitedRow row = new DelimitedRow(fileName(), fields, separator, of);
        List<String> above =
                new ArrayList<>(header.stream().map(line -> line.render(of)).toList());
        if (namesRow) {
            above.add(row.names(separator.character()));
        }
        return new TemplateText(fileName(), lineEnd, of, row, _ -> above);
    }
}
