package org.kiln.transfer.numbering;

/**
 * A subscriber as the 5G core names him: 3GPP TS 23.003 clause 2.2A, in the form of TS 29.571 clause 5.3.2. Kiln serves
 * the IMSI form only; the others (nai, gci, gli) are refused.
 *
 * @param value {@code imsi-} and 5 to 15 digits
 */
public record Supi(String value) {

    static final String IMSI_PREFIX = "imsi-";

    private static final int SHOWN_FIRST = 5;
    private static final int SHOWN_LAST = 2;

    /**
     * Checks form and digits.
     *
     * @throws NumberingException if either is wrong
     */
    public Supi {
        if (!value.startsWith(IMSI_PREFIX)) {
            throw new NumberingException(
                    "SUPI does not begin with \"imsi-\"",
                    "Kiln serves subscribers with an IMSI only (3GPP TS 29.571 clause 5.3.2, first form)");
        }
        Digits.check("SUPI", value.substring(IMSI_PREFIX.length()), 5, 15, "3GPP TS 29.571 clause 5.3.2");
    }

    /**
     * The IMSI inside.
     *
     * @throws NumberingException if it has five digits, which no IMSI has
     */
    public Imsi imsi() {
        return new Imsi(value.substring(IMSI_PREFIX.length()));
    }

    /** For logs: the first five digits and the last two, a star for each one between. */
    public String masked() {
        return IMSI_PREFIX + mask(value.substring(IMSI_PREFIX.length()));
    }

    /** {@link #masked()}; the whole is in {@link #value()}. */
    @Override
    public String toString() {
        return masked();
    }

    static String mask(String digits) {
        int hidden = digits.length() - SHOWN_FIRST - SHOWN_LAST;
        return hidden <= 0
                ? digits
                : digits.substring(0, SHOWN_FIRST)
                        + "*".repeat(hidden)
                        + digits.substring(digits.length() - SHOWN_LAST);
    }
}
