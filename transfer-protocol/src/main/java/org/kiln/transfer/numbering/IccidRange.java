package org.kiln.transfer.numbering;

/**
 * Consecutive card numbers. Counting is over the digits without the check digit; each card gets its own, unless
 * the first has none.
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
        return Iccid.of(digits(first, quantity).get(index), first.checkDigit());
    }

    /**
     * Whether some card may be in both ranges. Numbers of different length are different cards; of one length, numbers
     * with and without check digit are compared by the digits both count over, which may find more than there is.
     */
    public boolean overlaps(IccidRange other) {
        if (first.checkDigit() == other.first.checkDigit()) {
            return digits(first, quantity).overlaps(digits(other.first, other.quantity));
        }
        return first.checkDigit() == Iccid.CheckDigit.NONE
                ? tens().overlaps(digits(other.first, other.quantity))
                : other.tens().overlaps(digits(first, quantity));
    }

    /** The numbers without their last digit, where it is no check digit. */
    private DigitRange tens() {
        String from = first.digits();
        String to = get(quantity - 1).digits();
        int last = from.length() - 1;
        String low = from.substring(0, last);
        long count = Long.parseLong(to.substring(FIXED_DIGITS, last)) - Long.parseLong(low.substring(FIXED_DIGITS)) + 1;
        return DigitRange.of("ICCID", low, count, FIXED_DIGITS, "the digits of the issuer");
    }

    private static DigitRange digits(Iccid first, long quantity) {
        return DigitRange.of(
                "ICCID", first.payload(), quantity, FIXED_DIGITS, "the digits of the issuer (ITU-T E.118 clause 3)");
    }
}
