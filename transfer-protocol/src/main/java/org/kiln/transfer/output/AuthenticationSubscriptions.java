package org.kiln.transfer.output;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.kiln.transfer.batch.BatchFormatException;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Protection;
import org.kiln.transfer.batch.RecordsParser.RecordConsumer;
import org.kiln.transfer.batch.Wrapping;

/**
 * One {@code AuthenticationSubscription} of 3GPP TS 29.505 a line, with whose it is:
 * {@code {"ueId":"imsi-…","authenticationSubscription":{…}}}. The member {@code protectionParameterId} is the label of the
 * transport key, for AES-KW followed by {@code :aes-kw}, as Kiln's own provisioning interface takes it.
 *
 * <p>Columns: {@code IMSI}; {@code KI} and, for Milenage, {@code OPC} or, for TUAK, {@code TOPC}, wrapped by AES-KWP or
 * AES-KW under one transport key; other columns are left out.
 *
 * @param algorithmId the receiver's name of the algorithm, {@code milenage} for example
 * @param amf {@code authenticationManagementField}: 4 upper-case hexadecimal digits
 * @param sequenceNumber where every subscriber's sequence numbers start
 */
public record AuthenticationSubscriptions(
        @JsonProperty(required = true) String algorithmId,
        @JsonProperty(required = true) String amf,
        @JsonProperty(required = true) SequenceNumber sequenceNumber)
        implements OutputFormat {

    /**
     * {@code SequenceNumber} of TS 29.505.
     *
     * @param sqnScheme {@code GENERAL}, {@code NON_TIME_BASED} or {@code TIME_BASED}
     * @param sqn 12 upper-case hexadecimal digits
     * @param indLength bits of IND, 0 to 28
     */
    public record SequenceNumber(
            @JsonProperty(required = true) String sqnScheme,
            @JsonProperty(required = true) String sqn,
            @JsonProperty(required = true) int indLength) {

        public SequenceNumber {
            require(
                    List.of("GENERAL", "NON_TIME_BASED", "TIME_BASED").contains(sqnScheme),
                    "sqnScheme is not GENERAL, NON_TIME_BASED or TIME_BASED");
            require(sqn != null && sqn.matches("[0-9A-F]{12}"), "sqn is not 12 upper-case hexadecimal digits");
            require(indLength >= 0 && indLength <= 28, "indLength is not 0 to 28");
        }
    }

    private static final String IMSI = "IMSI";
    private static final String PREFIX = "imsi-";
    private static final String UE_ID = "ueId";
    private static final String SUBSCRIPTION = "authenticationSubscription";
    private static final Pattern LABEL_END = Pattern.compile(":");

    /** Members by the columns that they hold. */
    private static final Map<String, String> KEYS = keys();

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if a rule above is broken
     */
    public AuthenticationSubscriptions {
        require(
                algorithmId != null && algorithmId.matches("[A-Za-z0-9._-]{1,64}"),
                "algorithmId is not 1 to 64 letters, digits, dots, underscores and hyphens");
        require(amf != null && amf.matches("[0-9A-F]{4}"), "amf is not 4 upper-case hexadecimal digits");
        require(sequenceNumber != null, "sequenceNumber is missing");
    }

    @Override
    @JsonIgnore
    public String fileName() {
        return "subscriptions.jsonl";
    }

    @Override
    public List<Column> columns(List<Column> offered) {
        List<Column> columns = new ArrayList<>(offered.stream()
                .filter(column -> column.name().equals(IMSI) || KEYS.containsKey(column.name()))
                .toList());
        List<String> names = columns.stream().map(Column::name).toList();
        require(names.contains(IMSI), "TS 29.505 wants a column IMSI");
        require(names.contains("KI"), "TS 29.505 wants a column KI");
        columns.removeIf(column -> column.name().equals("TOPC") && names.contains("OPC"));
        protection(columns);
        return columns;
    }

    @Override
    public RowWriter writer(OutputStream out, OutputHeader header) {
        List<Column> columns = columns(header.columns());
        ObjectNode common = common(columns);
        CheckedRows checks = new CheckedRows(fileName(), header);
        return new RowWriter() {

            private long line;

            @Override
            public void append(Map<String, String> row) throws IOException {
                checks.requireWritable(++line, row);
                JsonLines.write(out, fileName(), line, object(columns, common, row));
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
        List<Column> columns = columns(header.columns());
        ObjectNode common = common(columns);
        CheckedRows checks = new CheckedRows(fileName(), header);
        JsonLines lines = new JsonLines(in, fileName());
        for (Optional<ObjectNode> next = lines.next(); next.isPresent(); next = lines.next()) {
            Map<String, String> row = row(lines.number(), columns, next.get());
            if (!object(columns, common, row).equals(next.get())) {
                throw BatchFormatException.line(
                        fileName(),
                        lines.number(),
                        "it has other members, or other values, than the batch's format says");
            }
            consumer.record(checks.read(lines.number(), row));
        }
    }

    private static ObjectNode object(List<Column> columns, ObjectNode common, Map<String, String> row) {
        ObjectNode subscription = common.deepCopy();
        for (Column column : columns) {
            String member = KEYS.get(column.name());
            if (member != null) {
                subscription.put(member, row.get(column.name()));
            }
        }
        ObjectNode object = JsonLines.object().put(UE_ID, PREFIX + row.get(IMSI));
        object.set(SUBSCRIPTION, subscription);
        return object;
    }

    private Map<String, String> row(long line, List<Column> columns, ObjectNode object) throws BatchFormatException {
        Map<String, String> row = new LinkedHashMap<>();
        for (Column column : columns) {
            String member = KEYS.get(column.name());
            JsonNode value = member == null
                    ? object.path(UE_ID)
                    : object.path(SUBSCRIPTION).path(member);
            String text = value.isTextual() ? value.textValue() : "";
            if (member == null) {
                text = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : "";
            }
            if (text.isEmpty()) {
                throw BatchFormatException.value(
                        fileName(), line, column.name(), "the value is missing, or not as TS 29.505 has it");
            }
            row.put(column.name(), text);
        }
        return row;
    }

    private ObjectNode common(List<Column> columns) {
        ObjectNode common = JsonLines.object()
                .put("authenticationMethod", "5G_AKA")
                .put("protectionParameterId", protection(columns))
                .put("algorithmId", algorithmId)
                .put("authenticationManagementField", amf);
        common.putObject("sequenceNumber")
                .put("sqnScheme", sequenceNumber.sqnScheme())
                .put("sqn", sequenceNumber.sqn())
                .put("indLength", sequenceNumber.indLength());
        return common;
    }

    /** One for all keys of a subscriber: TS 29.505 has no more room. */
    private static String protection(List<Column> columns) {
        List<String> ways = columns.stream()
                .filter(column -> KEYS.containsKey(column.name()))
                .map(AuthenticationSubscriptions::way)
                .distinct()
                .toList();
        require(
                ways.size() == 1,
                "TS 29.505 has one protectionParameterId for all keys, and the columns are wrapped in several ways");
        return ways.getFirst();
    }

    private static String way(Column column) {
        String label = column.keyLabel();
        Wrapping wrapping = column.wrapping();
        require(
                column.protection() == Protection.WRAPPED && wrapping != null && wrapping.authenticates(),
                "column " + column.name() + " is not wrapped by AES_KWP or AES_KW, which provisioning takes");
        require(
                label != null && !LABEL_END.matcher(label).find(),
                "the label of a transport key holds a colon, which provisioning takes for its end");
        return wrapping == Wrapping.AES_KW ? label + ":aes-kw" : String.valueOf(label);
    }

    private static Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("KI", "encPermanentKey");
        keys.put("OPC", "encOpcKey");
        keys.put("TOPC", "encTopcKey");
        return keys;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
