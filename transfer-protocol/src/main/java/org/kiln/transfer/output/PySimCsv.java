package org.kiln.transfer.output;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.LineEnd;
import org.kiln.transfer.batch.Protection;
import org.kiln.transfer.batch.RecordsParser.RecordConsumer;
import org.kiln.transfer.batch.Wrapping;

/**
 * The card-key CSV of Osmocom's pySim ({@code CardKeyProviderCsv}). Keys are wrapped by {@link Wrapping#AES_CBC_IV_23}, as
 * {@code CardKeyFieldCryptor} decrypts them with the transport key that its user gives for the column. Check values, which
 * pySim does not know, are left out. pySim looks cards up by ICCID, eUICCs by EID: one of these columns is needed.
 *
 * @param names pySim's name for a column that has another here, such as {@code SCP03_ENC} to {@code SCP03_ENC_ISDR}; pySim
 *     takes names in upper case
 * @param codes what becomes of PIN, PUK and ADM columns, which pySim wants in clear
 * @param anybodyWithTheFileReadsCodes must be true for {@link Codes#CLEAR}, which it says in other words, and stand nowhere else
 */
public record PySimCsv(
        @JsonProperty(required = true) Map<String, String> names,
        @JsonProperty(required = true) Codes codes,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean anybodyWithTheFileReadsCodes)
        implements OutputFormat {

    /** What becomes of codes. */
    public enum Codes {
        /** They are not in the file. */
        LEFT_OUT,
        /**
         * They stand in clear, and the rows must have them so: whoever reads the file can use every card. For a file that
         * leaves inside an envelope only.
         */
        CLEAR
    }

    private static final Pattern CODE = Pattern.compile("(?:PIN|PUK|ADM)[0-9]*");
    private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");

    /**
     * Checks the names, and that codes in the clear are meant.
     *
     * @throws IllegalArgumentException if a name is no upper-case name, or codes are clear and it is not said twice
     */
    public PySimCsv {
        names = Map.copyOf(names);
        boolean clear = codes == Codes.CLEAR;
        if (clear != Boolean.TRUE.equals(anybodyWithTheFileReadsCodes)) {
            throw new IllegalArgumentException(
                    clear
                            ? "codes CLEAR puts PIN, PUK and ADM into the file as they are: say so with"
                                    + " anybodyWithTheFileReadsCodes: true, or leave them out with codes LEFT_OUT"
                            : "anybodyWithTheFileReadsCodes goes with codes CLEAR; leave it out");
        }
        for (String name : names.values()) {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("pySim takes no column name other than " + NAME.pattern());
            }
        }
    }

    /** A file without codes. */
    public PySimCsv(Map<String, String> names) {
        this(names, Codes.LEFT_OUT, null);
    }

    @Override
    public boolean holdsCodesInTheClear() {
        return codes == Codes.CLEAR;
    }

    @Override
    @JsonIgnore
    public String fileName() {
        return "card-data.csv";
    }

    @Override
    public List<Column> columns(List<Column> offered) {
        List<Column> columns = new ArrayList<>();
        for (Column column : offered) {
            boolean code = CODE.matcher(column.name()).matches();
            if (column.kcvConvention() != null || (code && codes == Codes.LEFT_OUT)) {
                continue;
            }
            requireReadable(column, code);
            columns.add(column);
        }
        if (columns.stream().noneMatch(column -> List.of("ICCID", "EID").contains(column.name()))) {
            throw new IllegalArgumentException("pySim finds cards by a column ICCID or EID, and there is neither");
        }
        return columns;
    }

    private static void requireReadable(Column column, boolean code) {
        if (column.protection() == Protection.KEY_BLOCK) {
            throw new IllegalArgumentException(
                    "column " + column.name() + " holds key blocks, which pySim does not read");
        }
        if (column.protection() == Protection.WRAPPED) {
            if (code) {
                throw new IllegalArgumentException("column " + column.name()
                        + " is wrapped, and pySim reads codes in clear only: leave codes out, or give them in clear");
            }
            if (column.wrapping() != Wrapping.AES_CBC_IV_23) {
                throw new IllegalArgumentException("column " + column.name() + " is wrapped by " + column.wrapping()
                        + "; pySim reads " + Wrapping.AES_CBC_IV_23 + " only");
            }
        }
    }

    @Override
    public RowWriter writer(OutputStream out, OutputHeader header) {
        return text(header).writer(out);
    }

    @Override
    public void read(InputStream in, OutputHeader header, RecordConsumer consumer) throws IOException {
        text(header).read(in, 1, consumer);
    }

    private TemplateText text(OutputHeader header) {
        List<Field> fields = new ArrayList<>();
        for (Column column : columns(header.columns())) {
            fields.add(new Field.Value(names.getOrDefault(column.name(), column.name()), column.name(), null));
        }
        DelimitedRow row = new DelimitedRow(fileName(), DelimitedRow.checked(fields), Separator.COMMA, header);
        return new TemplateText(
                fileName(), LineEnd.LF, header, row, _ -> List.of(row.names(Separator.COMMA.character())));
    }
}
