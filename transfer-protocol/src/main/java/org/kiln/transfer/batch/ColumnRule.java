package org.kiln.transfer.batch;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/** What one column's values must look like. Answers with the rule a value breaks, never with the value. */
public record ColumnRule(Column column) {

    private static final Pattern ICCID = Pattern.compile("[0-9]{18,20}");
    private static final Pattern IMSI = Pattern.compile("[0-9]{6,15}");
    private static final Pattern MSISDN = Pattern.compile("[1-9][0-9]{4,14}");
    private static final Pattern EID = Pattern.compile("[0-9]{32}");
    private static final Pattern KEY_BLOCK = Pattern.compile("D[0-9]{4}[0-9A-Z]{27,9994}");
    private static final int TOTAL_LENGTH = 1;
    private static final int AFTER_LENGTH = 5;

    /** The rule that a value breaks; empty if it breaks none. */
    public Optional<String> brokenBy(String value) {
        if (value.chars().anyMatch(Character::isISOControl)) {
            return Optional.of("it holds a control character");
        }
        if (column.protection() == Protection.WRAPPED) {
            return wrapped(value);
        }
        if (column.protection() == Protection.KEY_BLOCK) {
            return unless(
                    KEY_BLOCK.matcher(value).matches()
                            && Integer.parseInt(value, TOTAL_LENGTH, AFTER_LENGTH, 10) == value.length(),
                    "a key block is D, its length in 4 digits, and upper-case letters and digits of that length in all");
        }
        if (column.kcvConvention() != null) {
            return unless(Rules.isKcv(value), "a check value is 6 to 10 upper-case hexadecimal digits");
        }
        return switch (column.name()) {
            case "ICCID" -> unless(ICCID.matcher(value).matches(), "an ICCID is 18 to 20 digits (ITU-T E.118)");
            case "IMSI" -> unless(IMSI.matcher(value).matches(), "an IMSI is 6 to 15 digits (ITU-T E.212)");
            case "MSISDN" ->
                unless(
                        MSISDN.matcher(value).matches(),
                        "an MSISDN is 5 to 15 digits and does not begin with 0 (ITU-T E.164)");
            case "EID" -> unless(EID.matcher(value).matches(), "an EID is 32 digits (GSMA SGP.29)");
            default -> Optional.empty();
        };
    }

    private Optional<String> wrapped(String hex) {
        if (hex.isEmpty()) {
            return Optional.of("a wrapped value is missing");
        }
        for (int i = 0; i < hex.length(); i++) {
            char c = hex.charAt(i);
            if ((c < '0' || c > '9') && (c < 'A' || c > 'F')) {
                return Optional.of("a wrapped value is upper-case hexadecimal");
            }
        }
        if (hex.length() % 2 != 0) {
            return Optional.of("a wrapped value is whole octets, a multiple of 2 digits");
        }
        return Objects.requireNonNull(column.wrapping())
                .brokenBy(hex.length() / 2, Objects.requireNonNull(column.content()));
    }

    private static Optional<String> unless(boolean holds, String rule) {
        return holds ? Optional.empty() : Optional.of(rule);
    }
}
