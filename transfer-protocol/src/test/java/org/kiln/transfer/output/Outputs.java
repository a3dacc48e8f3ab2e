package org.kiln.transfer.output;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.kiln.transfer.Seeds;
import org.kiln.transfer.batch.BatchHeader;
import org.kiln.transfer.batch.BatchRecord;
import org.kiln.transfer.batch.Batches;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.batch.KeyReference;
import org.kiln.transfer.batch.LineEnd;
import org.kiln.transfer.batch.Wrapping;
import org.kiln.transfer.numbering.Iccid;

/** One format of each kind with cards that it can hold. */
public final class Outputs {

    static final KeyReference K4 = new KeyReference("K4-7", KeyReference.Algorithm.AES_256, "A1B2C3", "0102030405");

    private Outputs() {}

    public static VendorText vendorText() {
        return new VendorText(
                List.of(
                        HeaderLine.of("Quantity: ", HeaderLine.Value.QUANTITY),
                        HeaderLine.of("Type: PLUG-IN"),
                        HeaderLine.of("Profile: ", HeaderLine.Value.PROFILE),
                        HeaderLine.of("Batch: ", HeaderLine.Value.BATCH),
                        new HeaderLine("Transport_key: ", HeaderLine.Value.KEY_LABEL, "KI")),
                List.of(new Field.Value("Serial", "ICCID", Coding.SWAPPED), Field.Value.of("IMSI")),
                List.of(
                        new Field.Value("ICCID", "ICCID", Coding.SWAPPED),
                        new Field.Value("IMSI", "IMSI", Coding.SWAPPED),
                        new Field.Value("PIN1", "PIN1", null),
                        new Field.Value("eKi", "KI", null),
                        new Field.OfKey("KCV", "KI", KeyPart.KCV)),
                Separator.SPACE,
                LineEnd.CRLF);
    }

    static HlrLoad hlrLoad() {
        return new HlrLoad(
                List.of(
                        HeaderLine.of("# order ", HeaderLine.Value.ORDER),
                        new HeaderLine("# K4 check value ", HeaderLine.Value.KEY_KCV, "KI")),
                true,
                List.of(
                        Field.Value.of("IMSI"),
                        Field.Value.of("MSISDN"),
                        new Field.Value("EKI", "KI", null),
                        new Field.Value("EOPC", "OPC", null),
                        new Field.Constant("ALG", "4"),
                        new Field.Constant("K4IND", "7"),
                        new Field.Value("KCV", "KI_KCV", null)),
                Separator.SEMICOLON,
                LineEnd.LF);
    }

    static PySimCsv pySim() {
        return new PySimCsv(Map.of("SCP03_ENC", "SCP03_ENC_ISDR"));
    }

    static AuthenticationSubscriptions subscriptions() {
        return new AuthenticationSubscriptions(
                "milenage",
                "8000",
                new AuthenticationSubscriptions.SequenceNumber("NON_TIME_BASED", "000000000020", 5));
    }

    static Stream<Arguments> all() {
        return Stream.of(
                Arguments.of(new KilnCsv(), Wrapping.AES_KWP),
                Arguments.of(new KilnJson(), Wrapping.AES_KWP),
                Arguments.of(vendorText(), Wrapping.AES_KWP),
                Arguments.of(pySim(), Wrapping.AES_CBC_IV_23),
                Arguments.of(hlrLoad(), Wrapping.AES_ECB),
                Arguments.of(subscriptions(), Wrapping.AES_KW));
    }

    public static OutputHeader header(Wrapping wrapping, int quantity) {
        return new OutputHeader(
                new BatchHeader(
                        "order-17",
                        "batch-3",
                        "Kiln Telecom",
                        "ACME Cards",
                        Instant.parse("2026-11-24T08:00:00Z"),
                        List.of(K4, Batches.KEY),
                        "gold-sim-2"),
                quantity,
                List.of(
                        Column.clear("ICCID"),
                        Column.clear("IMSI"),
                        Column.clear("MSISDN"),
                        Column.wrapped("KI", K4.label(), "A1B2C3", wrapping, Content.AES_KEY),
                        Column.kcv("KI", KcvConvention.ZERO_BLOCK),
                        Column.wrapped("OPC", K4.label(), "A1B2C3", wrapping, Content.AES_KEY),
                        Column.wrapped("SCP03_ENC", K4.label(), "A1B2C3", wrapping, Content.AES_KEY),
                        Column.wrapped("PIN1", Batches.KEY.label(), "A1B2C3", Wrapping.AES_KWP, Content.CODE)));
    }

    public static Map<String, String> row(long index, Wrapping wrapping, Random random) {
        Map<String, String> row = new LinkedHashMap<>();
        String number = String.format(Locale.ROOT, "%010d", index);
        row.put("ICCID", Iccid.withCheckDigit("89490000" + number).digits());
        row.put("IMSI", "00101" + number);
        row.put("MSISDN", "4917" + number);
        row.put("KI", Batches.hex(random, wrapping.wrappedKey(16)));
        row.put("KI_KCV", Batches.hex(random, 3));
        row.put("OPC", Batches.hex(random, wrapping.wrappedKey(16)));
        row.put("SCP03_ENC", Batches.hex(random, wrapping.wrappedKey(32)));
        row.put("PIN1", Batches.hex(random, 16));
        return row;
    }

    static List<Map<String, String>> rows(Wrapping wrapping, int quantity, long seed) {
        Random random = Seeds.random(seed);
        List<Map<String, String>> rows = new ArrayList<>();
        for (int i = 0; i < quantity; i++) {
            rows.add(row(i, wrapping, random));
        }
        return rows;
    }

    static byte[] write(OutputFormat format, OutputHeader header, List<Map<String, String>> rows) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        RowWriter writer = format.writer(out, header);
        for (Map<String, String> row : rows) {
            writer.append(row);
        }
        writer.finish();
        return out.toByteArray();
    }

    static List<BatchRecord> read(OutputFormat format, OutputHeader header, byte[] file) throws IOException {
        List<BatchRecord> records = new ArrayList<>();
        format.read(new ByteArrayInputStream(file), header, records::add);
        return records;
    }

    /** The columns of a row that a format writes. */
    static Map<String, String> written(OutputFormat format, OutputHeader header, Map<String, String> row) {
        Map<String, String> written = new LinkedHashMap<>();
        format.columns(header.columns()).forEach(column -> written.put(column.name(), row.get(column.name())));
        return written;
    }
}
