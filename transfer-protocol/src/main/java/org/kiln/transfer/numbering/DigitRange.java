package org.kiln.transfer.numbering;

/**
 * {@code quantity} consecutive numbers of one width, whose leading digits stay as they are.
 *
 * @param first the first number, below 10^18 or beginning with 89: it fits a long
 * @param width digits of every number
 */
record DigitRange(long first, int width, long quantity) {

    static DigitRange of(String what, String firstDigits, long quantity, int fixedDigits, String fixedName) {
        if (quantity < 1) {
            throw new NumberingException(what + " range has quantity " + quantity, "a range has at least one number");
        }
        long first = Long.parseLong(firstDigits);
        long countable = powerOfTen(firstDigits.length() - fixedDigits);
        if (quantity > countable - first % countable) {
            throw new NumberingException.Overflow(
                    what + " range of " + quantity + " runs out of digits after " + (countable - first % countable),
                    "it may not change " + fixedName + ": split the order, or begin lower");
        }
        return new DigitRange(first, firstDigits.length(), quantity);
    }

    String get(long index) {
        if (index < 0 || index >= quantity) {
            throw new IndexOutOfBoundsException("index " + index + " of a range of " + quantity);
        }
        String digits = Long.toString(first + index);
        return "0".repeat(width - digits.length()) + digits;
    }

    boolean overlaps(DigitRange other) {
        return width == other.width && first <= other.last() && other.first <= last();
    }

    private long last() {
        return first + quantity - 1;
    }

    private static long powerOfTen(int exponent) {
        long power = 1;
        for (int i = 0; i < exponent; i++) {
            power *= 10;
        }
        return power;
    }
}
