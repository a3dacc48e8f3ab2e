package org.kiln.transfer.acknowledgement;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a recipient says about a batch.
 *
 * @param format {@value #FORMAT}
 * @param orderId the order, as the manifest names it
 * @param batchId the batch within it
 * @param manifest SHA-256 of {@code manifest.json}: 64 lower-case hexadecimal digits ({@code Manifest.digest()})
 * @param quantity cards found in the file, as the manifest promised
 * @param recipient the recipient's name, as the manifest has it
 * @param time when the recipient said so
 * @param verdict whether he takes the batch
 * @param reasons why not, 1 to 64 of at most 512 printable characters; empty for ACCEPTED
 */
@JsonPropertyOrder({"format", "orderId", "batchId", "manifest", "quantity", "recipient", "time", "verdict", "reasons"})
public record Acknowledgement(
        @JsonProperty(required = true) String format,
        @JsonProperty(required = true) String orderId,
        @JsonProperty(required = true) String batchId,
        @JsonProperty(required = true) String manifest,
        @JsonProperty(required = true) long quantity,
        @JsonProperty(required = true) String recipient,
        @JsonProperty(required = true) Instant time,
        @JsonProperty(required = true) Verdict verdict,
        @JsonProperty(required = true) List<String> reasons) {

    /** The format's name. */
    public static final String FORMAT = "kiln-acknowledgement/1";

    private static final int MAX_NAME = 128;
    private static final int MAX_REASONS = 64;
    private static final int MAX_REASON = 512;
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /** Whether the batch is taken. */
    public enum Verdict {
        ACCEPTED,
        REJECTED
    }

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if one breaks a rule above: the message names it
     */
    public Acknowledgement {
        require(FORMAT.equals(format), "format is not " + FORMAT);
        printable("orderId", orderId, MAX_NAME);
        printable("batchId", batchId, MAX_NAME);
        printable("recipient", recipient, MAX_NAME);
        require(
                manifest != null && SHA256.matcher(manifest).matches(),
                "manifest is not 64 lower-case hexadecimal digits");
        require(quantity >= 1, "quantity is below 1");
        require(time != null && verdict != null && reasons != null, "time, verdict or reasons is missing");
        require(
                verdict == Verdict.ACCEPTED ? reasons.isEmpty() : !reasons.isEmpty() && reasons.size() <= MAX_REASONS,
                "reasons are for REJECTED, 1 to " + MAX_REASONS);
        for (String reason : reasons) {
            printable("a reason", reason, MAX_REASON);
        }
        reasons = List.copyOf(reasons);
    }

    private static void printable(String what, @Nullable String text, int max) {
        require(
                text != null
                        && !text.isBlank()
                        && text.length() <= max
                        && text.chars().noneMatch(Character::isISOControl),
                what + " is not 1 to " + max + " printable characters");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
