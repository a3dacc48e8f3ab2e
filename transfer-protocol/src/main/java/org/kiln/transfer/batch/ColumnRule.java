package org.kiln.transfer.batch;

import java.util.Optional;
import java.util.regex.Pattern;

/** What one column's values must look like. Answers with the rule a value breaks, never with the value. */
record ColumnRule(Column column) {

    static final String ICCID = "ICCID";
    static final String IMSI = "IMSI";

    private static final Pattern ICCID_DIGITS = Pattern.compile("[0-9]{18,20}");
    private static final Pattern IMSI_DIGITS = Pattern.compile("[0-9]{6,15}");
    private static final int BLOCK = 8;

    Optional<String> brokenBy(String value) {
        if (value.chars().anyMatch(Character::isISOControl)) {
            return Optional.of("it holds a control character");
        }
        if (column.protection() == Protection.WRAPPED) {
            return wrapped(value);
        }
        if (column.kcvConvention() != null) {
            return unless(Rules.isKcv(value), "a check value is 6 to 10 upper-case hexadecimal digits");
        }
        return switch (column.name()) {
            case ICCID -> unless(ICCID_DIGITS.matcher(value).matches(), "an ICCID is 18 to 20 digits (ITU-T E.118)");
            case IMSI -> unless(IMSI_DIGITS.matcher(value).matches(), "an IMSI is 6 to 15 digits (ITU-T E.212)");
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
        int octets = hex.length() / 2;
        int least = column.wrapping() == Wrapping.AES_KW ? 3 * BLOCK : 2 * BLOCK;
        if (hex.length() % 2 != 0 || octets % BLOCK != 0 || octets < least) {
            return Optional.of(column.wrapping() + " gives a multiple of 8 octets, at least " + least);
        }
        return column.content() == Content.AES_KEY
                ? unless(octets >= 3 * BLOCK && octets <= 5 * BLOCK, "a wrapped key has 24, 32 or 40 octets")
                : Optional.empty();
    }

    private static Optional<String> unless(boolean holds, String rule) {
        return holds ? Optional.empty() : Optional.of(rule);
    }
}
