package org.kiln.transfer.numbering;

/**
 * Consecutive card numbers. Counting is over the digits without the check digit; each card gets its own.
 *
 * <p>The first four digits (89 and the beginning of country code and issuer, ITU-T E.118 clause 3) stay as they are.
 *
 * @param first the first card
 * @param quantity how many cards, at least 1
 */
public record IccidRange(Iccid first, long quantity) {

    private static final int FIXED_DIGITS = 4;

    /**
     * Checks that all numbers exist.
     *
     * @throws NumberingException if the quantity is below 1
     * @throws NumberingException.Overflow if the range leaves the issuer's numbers
     */
    public IccidRange {
        digits(first, quantity);
    }

    /**
     * The number of one card.
     *
     * @param index 0 to quantity - 1
     * @throws IndexOutOfBoundsException if the index is outside
     */
    public Iccid get(long index) {
        return Iccid.withCheckDigit(digits(first, quantity).get(index));
    }

    /** Whether some card is in both ranges. Numbers of different length are different cards. */
    public boolean overlaps(IccidRange other) {
        return digits(first, quantity).overlaps(digits(other.first, other.quantity));
    }

    private static DigitRange digits(Iccid first, long quantity) {
        return DigitRange.of(
                "ICCID", first.payload(), quantity, FIXED_DIGITS, "the digits of the issuer (ITU-T E.118 clause 3)");
    }
}
