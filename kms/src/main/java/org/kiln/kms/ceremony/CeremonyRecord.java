package org.kiln.kms.ceremony;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What happened in a ceremony.
 *
 * @param form {@value #FORM}
 * @param token the token's label
 * @param begun ISO 8601, as all times here
 * @param outcome {@code COMPLETED}, or {@code BROKEN_OFF} with the reason
 * @param present who played which part
 * @param steps those that were taken, in their order
 */
public record CeremonyRecord(
        @JsonProperty(required = true) String form,
        @JsonProperty(required = true) String ceremony,
        @JsonProperty(required = true) String purpose,
        @JsonProperty(required = true) String operator,
        @JsonProperty(required = true) String token,
        @JsonProperty(required = true) String begun,
        @JsonProperty(required = true) String ended,
        @JsonProperty(required = true) String outcome,
        @JsonProperty(required = true) String reason,
        @JsonProperty(required = true) Map<String, String> present,
        @JsonProperty(required = true) Map<String, String> parameters,
        @JsonProperty(required = true) List<Taken> steps) {

    static final String FORM = "kiln-ceremony/1";
    static final String COMPLETED = "COMPLETED";
    static final String BROKEN_OFF = "BROKEN_OFF";

    public CeremonyRecord {
        present = new TreeMap<>(present);
        parameters = new TreeMap<>(parameters);
        steps = List.copyOf(steps);
        if (!form.equals(FORM)) {
            throw new IllegalArgumentException("form is " + FORM);
        }
        if (!outcome.equals(COMPLETED) && !outcome.equals(BROKEN_OFF)) {
            throw new IllegalArgumentException("outcome is " + COMPLETED + " or " + BROKEN_OFF);
        }
    }

    /**
     * A step that was taken.
     *
     * @param who whose part it was, and his name
     * @param command what was run, as it would be typed; empty if nothing was
     * @param output what it printed; no command of a ceremony prints a secret
     * @param exitCode 0 if it ended well
     * @param confirmed whether he confirmed it
     */
    public record Taken(
            @JsonProperty(required = true) int number,
            @JsonProperty(required = true) String who,
            @JsonProperty(required = true) String said,
            @JsonProperty(required = true) String check,
            @JsonProperty(required = true) String command,
            @JsonProperty(required = true) String output,
            @JsonProperty(required = true) int exitCode,
            @JsonProperty(required = true) boolean confirmed,
            @JsonProperty(required = true) String at) {}

    /** Whether it went to its end. */
    public boolean isComplete() {
        return outcome.equals(COMPLETED);
    }

    /** For a person to read: everything that is signed, and nothing else. */
    public String text() {
        StringBuilder text = new StringBuilder(512);
        text.append("Record of a ceremony: ").append(ceremony).append("\n\n");
        text.append(purpose).append("\n\n");
        line(text, "operator", operator);
        line(text, "token", token);
        line(text, "begun", begun);
        line(text, "ended", ended);
        line(text, "outcome", reason.isEmpty() ? outcome : outcome + ": " + reason);
        present.forEach((part, name) -> line(text, part, name));
        parameters.forEach((parameter, value) -> line(text, parameter, value));
        for (Taken step : steps) {
            text.append('\n')
                    .append("Step ")
                    .append(step.number)
                    .append(", ")
                    .append(step.who)
                    .append(", ");
            text.append(step.at).append('\n');
            indented(text, step.said);
            if (!step.command.isEmpty()) {
                indented(text, "$ kiln " + step.command);
                indented(text, step.output);
                indented(text, "exit code " + step.exitCode);
            }
            indented(text, "checked: " + step.check);
            indented(text, step.confirmed ? "confirmed" : "NOT CONFIRMED");
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append("%-12s %s\n".formatted(name, value));
    }

    private static void indented(StringBuilder text, String lines) {
        lines.lines().forEach(each -> text.append("  ").append(each).append('\n'));
    }
}
