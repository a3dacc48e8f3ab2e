package org.kiln.transfer.output;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.kiln.transfer.batch.BatchFormatException;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.LineEnd;
import org.kiln.transfer.batch.RecordsParser.RecordConsumer;

/**
 * The classic output file of card vendors:
 *
 * <pre>
 * *HEADER DESCRIPTION
 * Quantity: 2
 * Type: PLUG-IN
 * *INPUT VARIABLES
 * var_In:
 * ICCID: 98881200000000100050
 * *OUTPUT VARIABLES
 * var_Out: ICCID/IMSI/KI
 * 98881200000000100050 089910070000000010 0B1E…
 * </pre>
 *
 * <p>Names, order and lines are the template; only the four words with stars, {@code var_In:} and {@code var_Out:} are
 * fixed.
 *
 * @param header the lines below {@code *HEADER DESCRIPTION}, at most 64
 * @param inputs the variables below {@code var_In:}, whose values are those of the first card
 * @param outputs the values of each card
 * @param separator between a card's values; between their names stands a slash
 */
public record VendorText(
        @JsonProperty(required = true) List<HeaderLine> header,
        @JsonProperty(required = true) List<Field.Value> inputs,
        @JsonProperty(required = true) List<Field> outputs,
        @JsonProperty(required = true) Separator separator,
        @JsonProperty(required = true) LineEnd lineEnd)
        implements OutputFormat {

    private static final String HEADER = "*HEADER DESCRIPTION";
    private static final String INPUT = "*INPUT VARIABLES";
    private static final String VAR_IN = "var_In:";
    private static final String OUTPUT = "*OUTPUT VARIABLES";
    private static final String VAR_OUT = "var_Out: ";
    private static final int FIXED_LINES = 5;
    private static final int MAX_HEADER = 64;

    /**
     * Checks the template.
     *
     * @throws IllegalArgumentException if a rule above is broken
     */
    public VendorText {
        outputs = DelimitedRow.checked(outputs);
        header = List.copyOf(header);
        inputs = List.copyOf(inputs);
        if (header.size() > MAX_HEADER || inputs.size() > MAX_HEADER) {
            throw new IllegalArgumentException("a template has at most " + MAX_HEADER + " header lines and inputs");
        }
        List<String> written = columnNames(outputs);
        for (Field.Value input : inputs) {
            if (!written.contains(input.column())) {
                throw new IllegalArgumentException("input " + input.name() + " is no column of the outputs");
            }
        }
    }

    @Override
    @JsonIgnore
    public String fileName() {
        return "cards.out";
    }

    @Override
    public List<Column> columns(List<Column> offered) {
        return DelimitedRow.columns(outputs, offered);
    }

    @Override
    public RowWriter writer(OutputStream out, OutputHeader of) {
        return text(of).writer(out);
    }

    @Override
    public void read(InputStream in, OutputHeader of, RecordConsumer consumer) throws IOException {
        text(of).read(in, FIXED_LINES + header.size() + inputs.size(), consumer);
    }

    private TemplateText text(OutputHeader of) {
        columns(of.columns());
        DelimitedRow row = new DelimitedRow(fileName(), outputs, separator, of);
        List<String> above = header.stream().map(line -> line.render(of)).toList();
        return new TemplateText(fileName(), lineEnd, of, row, first -> preamble(above, row, first));
    }

    private List<String> preamble(List<String> above, DelimitedRow row, Map<String, String> first)
            throws BatchFormatException {
        List<String> lines = new ArrayList<>();
        lines.add(HEADER);
        lines.addAll(above);
        lines.add(INPUT);
        lines.add(VAR_IN);
        for (Field.Value input : inputs) {
            lines.add(input.name() + ": " + value(input, first));
        }
        lines.add(OUTPUT);
        lines.add(VAR_OUT + row.names('/'));
        return lines;
    }

    private String value(Field.Value input, Map<String, String> first) throws BatchFormatException {
        String value = first.getOrDefault(input.column(), "");
        try {
            return input.swapped() ? Numbers.swapped(input.column(), value) : value;
        } catch (IllegalArgumentException e) {
            throw BatchFormatException.records(fileName(), "the first card's " + input.column() + " is no number");
        }
    }

    private static List<String> columnNames(List<Field> fields) {
        return fields.stream()
                .filter(Field.Value.class::isInstance)
                .map(field -> ((Field.Value) field).column())
                .toList();
    }
}
