package org.kiln.transfer.numbering;

/**
 * Consecutive telephone numbers of one length.
 *
 * <p>The first three digits (as many as the longest country code has, ITU-T E.164) stay as they are.
 *
 * @param first the first number
 * @param quantity how many, at least 1
 */
public record MsisdnRange(Msisdn first, long quantity) {

    private static final int FIXED_DIGITS = 3;

    /**
     * Checks that all numbers exist.
     *
     * @throws NumberingException if the quantity is below 1
     * @throws NumberingException.Overflow if the range leaves the country's numbers
     */
    public MsisdnRange {
        digits(first, quantity);
    }

    /**
     * One number.
     *
     * @param index 0 to quantity - 1
     * @throws IndexOutOfBoundsException if the index is outside
     */
    public Msisdn get(long index) {
        return new Msisdn(digits(first, quantity).get(index));
    }

    /** Whether some number is in both ranges. Numbers of different length are different numbers. */
    public boolean overlaps(MsisdnRange other) {
        return digits(first, quantity).overlaps(digits(other.first, other.quantity));
    }

    private static DigitRange digits(Msisdn first, long quantity) {
        return DigitRange.of("MSISDN", first.digits(), quantity, FIXED_DIGITS, "the country code (ITU-T E.164)");
    }
}
