package org.kiln.transfer.numbering;

/**
 * Consecutive numbers of eUICCs. Counting is over the digits without the check digits; each eUICC gets its own.
 *
 * <p>The first 18 digits (who assigned and who made it; in SGP.02's form also platform and version) stay as they are, the
 * 12 digits of the individual number are counted.
 *
 * @param first the first eUICC
 * @param quantity how many, at least 1
 */
public record EidRange(Eid first, long quantity) {

    private static final int FIXED_DIGITS = 18;

    /**
     * Checks that all numbers exist.
     *
     * @throws NumberingException if the quantity is below 1
     * @throws NumberingException.Overflow if the range leaves the individual numbers
     */
    public EidRange {
        digits(first, quantity);
    }

    /**
     * The number of one eUICC.
     *
     * @param index 0 to quantity - 1
     * @throws IndexOutOfBoundsException if the index is outside
     */
    public Eid get(long index) {
        return Eid.withCheckDigits(digits(first, quantity).get(index));
    }

    /** Whether some eUICC is in both ranges. */
    public boolean overlaps(EidRange other) {
        return digits(first, quantity).overlaps(digits(other.first, other.quantity));
    }

    private static DigitRange digits(Eid first, long quantity) {
        return DigitRange.of("EID", first.payload(), quantity, FIXED_DIGITS, "its first 18 digits (GSMA SGP.02 2.2.2)");
    }
}
