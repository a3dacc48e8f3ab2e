package org.kiln.transfer.numbering;

/**
 * Consecutive subscriber numbers of one length.
 *
 * <p>The first five digits (country code and the shorter form of the network code, ITU-T E.212) stay as they are.
 *
 * @param first the first subscriber
 * @param quantity how many, at least 1
 */
public record ImsiRange(Imsi first, long quantity) {

    private static final int FIXED_DIGITS = 5;

    /**
     * Checks that all numbers exist.
     *
     * @throws NumberingException if the quantity is below 1
     * @throws NumberingException.Overflow if the range leaves the network's numbers
     */
    public ImsiRange {
        digits(first, quantity);
    }

    /**
     * The number of one subscriber.
     *
     * @param index 0 to quantity - 1
     * @throws IndexOutOfBoundsException if the index is outside
     */
    public Imsi get(long index) {
        return new Imsi(digits(first, quantity).get(index));
    }

    /** Whether some subscriber is in both ranges. Numbers of different length are different subscribers. */
    public boolean overlaps(ImsiRange other) {
        return digits(first, quantity).overlaps(digits(other.first, other.quantity));
    }

    private static DigitRange digits(Imsi first, long quantity) {
        return DigitRange.of("IMSI", first.digits(), quantity, FIXED_DIGITS, "country and network code (ITU-T E.212)");
    }
}
