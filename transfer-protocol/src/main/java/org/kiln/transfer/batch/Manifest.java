package org.kiln.transfer.batch;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code manifest.json}: what a batch is, for whom, and how to read its records. JSON has the parts under these names,
 * {@code created} in ISO 8601 UTC; parts that are null are left out, unknown parts are refused.
 *
 * @param formatVersion {@code kiln-batch/1}, or {@code kiln-batch/2} where a profile or other records are named
 * @param orderId the order
 * @param batchId the batch within it
 * @param issuer who made the file
 * @param recipient whom it is for; a recipient refuses a file that names somebody else, since an envelope alone does not
 *     tell whom its signer had in mind
 * @param created when the batch was made
 * @param quantity records in the file, 1 to 100 million
 * @param sha256 SHA-256 of the records: 64 lower-case hexadecimal digits
 * @param columns their columns in order, 1 to 256, no name twice
 * @param keys the wrapping keys the columns refer to, no label twice
 * @param profile the name of the profile the cards are made by, or null; of format 2
 * @param records name and format of the records, or null for {@code records.csv}; of format 2
 */
@JsonPropertyOrder({
    "formatVersion",
    "orderId",
    "batchId",
    "issuer",
    "recipient",
    "created",
    "quantity",
    "sha256",
    "columns",
    "keys",
    "profile",
    "records"
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Manifest(
        String formatVersion,
        String orderId,
        String batchId,
        String issuer,
        String recipient,
        Instant created,
        long quantity,
        String sha256,
        List<Column> columns,
        List<KeyReference> keys,
        @Nullable String profile,
        @Nullable RecordsFile records) {

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /**
     * Checks the parts, each by itself and all together.
     *
     * @throws IllegalArgumentException if a rule above is broken; the message names it
     */
    public Manifest {
        Rules.require(
                BatchFile.FORMAT_VERSION.equals(formatVersion) || BatchFile.FORMAT_VERSION_2.equals(formatVersion),
                "formatVersion is not " + BatchFile.FORMAT_VERSION + " or " + BatchFile.FORMAT_VERSION_2
                        + ", which this release reads");
        Rules.require(
                BatchFile.FORMAT_VERSION_2.equals(formatVersion) == (profile != null || records != null),
                "profile and records belong to " + BatchFile.FORMAT_VERSION_2 + ", which has one of them");
        if (profile != null) {
            Rules.name("profile", profile);
        }
        Rules.name("orderId", orderId);
        Rules.name("batchId", batchId);
        Rules.name("issuer", issuer);
        Rules.name("recipient", recipient);
        Rules.present("created", created);
        Rules.require(
                quantity >= 1 && quantity <= BatchFile.MAX_QUANTITY, "quantity is not 1 to " + BatchFile.MAX_QUANTITY);
        Rules.require(
                sha256 != null && SHA256.matcher(sha256).matches(), "sha256 is not 64 lower-case hexadecimal digits");
        columns = list("columns", columns, 1, BatchFile.MAX_COLUMNS);
        keys = list("keys", keys, 0, BatchFile.MAX_KEYS);
        checkColumns(columns);
        checkKeys(columns, keys);
    }

    /** A manifest of format 1. */
    public Manifest(
            String formatVersion,
            String orderId,
            String batchId,
            String issuer,
            String recipient,
            Instant created,
            long quantity,
            String sha256,
            List<Column> columns,
            List<KeyReference> keys) {
        this(formatVersion, orderId, batchId, issuer, recipient, created, quantity, sha256, columns, keys, null, null);
    }

    /** The name of the second entry. */
    public String recordsName() {
        return records == null ? BatchFile.RECORDS : records.name();
    }

    /** SHA-256 of this manifest as JSON, and so of all that it says: 64 lower-case hexadecimal digits. */
    public String digest() {
        try {
            return HexFormat.of().formatHex(Sha256.digest().digest(ManifestJson.write(this)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void requireColumns(List<Column> columns) {
        Rules.require(
                !columns.isEmpty() && columns.size() <= BatchFile.MAX_COLUMNS,
                "columns has not 1 to " + BatchFile.MAX_COLUMNS + " entries");
        checkColumns(columns);
    }

    private static void checkColumns(List<Column> columns) {
        Map<String, Column> byName = distinct(columns, Column::name, "column");
        for (Column column : columns) {
            if (column.kcvConvention() != null) {
                String base = column.name().substring(0, column.name().length() - Column.KCV_SUFFIX.length());
                Column of = byName.get(base);
                Rules.require(
                        of != null && of.content() != null && of.content().isKey(),
                        "column " + column.name() + " has check values, and column " + base
                                + " holds no wrapped keys: a check value of anything else gives it away");
                Rules.require(
                        of == null
                                || of.content() != Content.DES_KEY
                                || column.kcvConvention() == KcvConvention.ZERO_BLOCK,
                        "column " + column.name() + " has check values of 3DES keys by " + column.kcvConvention()
                                + "; theirs are by " + KcvConvention.ZERO_BLOCK);
            }
        }
    }

    private static void checkKeys(List<Column> columns, List<KeyReference> keys) {
        Map<String, KeyReference> byLabel = distinct(keys, KeyReference::label, "key label");
        for (Column column : columns) {
            String kcv = column.keyKcv();
            if (kcv != null) {
                KeyReference key = byLabel.get(column.keyLabel());
                Rules.require(
                        key != null, "column " + column.name() + " names a wrapping key that is not among the keys");
                Rules.require(
                        key != null && key.hasKcv(kcv),
                        "column " + column.name() + " and its wrapping key disagree on the key's check value");
                Wrapping wrapping = column.wrapping();
                Rules.require(
                        key != null
                                && (wrapping == null
                                        ? key.algorithm().protectsKeyBlocks()
                                        : key.algorithm().wrapsBy(wrapping)),
                        "column " + column.name() + " is protected by " + (wrapping == null ? "key blocks" : wrapping)
                                + ", and its wrapping key is another kind");
            }
        }
    }

    private static <T> Map<String, T> distinct(List<T> items, Function<T, String> name, String what) {
        Set<String> seen = new HashSet<>();
        for (T item : items) {
            Rules.require(seen.add(name.apply(item)), what + " " + name.apply(item) + " stands twice");
        }
        return items.stream().collect(Collectors.toMap(name, Function.identity()));
    }

    private static <T> List<T> list(String what, @Nullable List<T> items, int min, int max) {
        Rules.require(
                items != null && items.size() >= min && items.size() <= max,
                what + " has not " + min + " to " + max + " entries");
        Rules.require(items != null && items.stream().allMatch(item -> item != null), what + " has an empty entry");
        return items == null ? List.of() : List.copyOf(items);
    }
}
