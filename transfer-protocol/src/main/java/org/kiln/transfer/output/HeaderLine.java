package org.kiln.transfer.output;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.batch.BatchHeader;

/**
 * One line above the rows of a template: a text, and a value after it.
 *
 * @param text as it stands, {@code "Quantity: "} for example; may be empty
 * @param value what follows it, or null for nothing
 * @param keyOf for KEY_LABEL and KEY_KCV: the wrapped column whose transport key is meant; else null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HeaderLine(
        @JsonProperty(required = true) String text,
        @Nullable Value value,
        @Nullable String keyOf) {

    /** What a line may tell. */
    public enum Value {
        ORDER,
        BATCH,
        ISSUER,
        RECIPIENT,
        PROFILE,
        QUANTITY,
        /** When the batch was made: {@code yyyy-MM-dd}, UTC. */
        DATE,
        /** When the batch was made: ISO 8601, UTC. */
        CREATED,
        KEY_LABEL,
        KEY_KCV
    }

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if one breaks a rule above
     */
    public HeaderLine {
        if (text == null || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("the text of a header line is missing or holds a control character");
        }
        if ((value == Value.KEY_LABEL || value == Value.KEY_KCV) != (keyOf != null)) {
            throw new IllegalArgumentException("keyOf belongs to KEY_LABEL and KEY_KCV, and both need it");
        }
    }

    /** A line without value. */
    public static HeaderLine of(String text) {
        return new HeaderLine(text, null, null);
    }

    /** A line with a value that is of no key. */
    public static HeaderLine of(String text, Value value) {
        return new HeaderLine(text, value, null);
    }

    /** @throws IllegalArgumentException if the value is not known */
    String render(OutputHeader header) {
        return value == null ? text : text + render(value, header);
    }

    private String render(Value of, OutputHeader header) {
        BatchHeader batch = header.batch();
        return switch (of) {
            case ORDER -> batch.orderId();
            case BATCH -> batch.batchId();
            case ISSUER -> batch.issuer();
            case RECIPIENT -> batch.recipient();
            case PROFILE -> {
                String profile = batch.profile();
                if (profile == null) {
                    throw new IllegalArgumentException("a header line tells the profile, and the batch names none");
                }
                yield profile;
            }
            case QUANTITY -> Long.toString(header.quantity());
            case DATE -> DateTimeFormatter.ISO_LOCAL_DATE.format(batch.created().atOffset(ZoneOffset.UTC));
            case CREATED -> batch.created().toString();
            case KEY_LABEL -> KeyPart.LABEL.of(header.keyOf(Objects.requireNonNull(keyOf)));
            case KEY_KCV -> KeyPart.KCV.of(header.keyOf(Objects.requireNonNull(keyOf)));
        };
    }
}
