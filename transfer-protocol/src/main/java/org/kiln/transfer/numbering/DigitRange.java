package org.kiln.transfer.numbering;

/**
 * {@code quantity} consecutive numbers of one width, whose leading digits stay as they are.
 *
 * @param prefix the leading digits
 * @param first what follows them in the first number
 * @param width digits that follow them, 1 to 18: what is counted fits a long
 */
record DigitRange(String prefix, long first, int width, long quantity) {

    static DigitRange of(String what, String firstDigits, long quantity, int fixedDigits, String fixedName) {
        if (quantity < 1) {
            throw new NumberingException(what + " range has quantity " + quantity, "a range has at least one number");
        }
        int width = firstDigits.length() - fixedDigits;
        long first = Long.parseLong(firstDigits.substring(fixedDigits));
        long room = powerOfTen(width) - first;
        if (quantity > room) {
            throw new NumberingException.Overflow(
                    what + " range of " + quantity + " runs out of digits after " + room,
                    "it may not change " + fixedName + ": split the order, or begin lower");
        }
        return new DigitRange(firstDigits.substring(0, fixedDigits), first, width, quantity);
    }

    String get(long index) {
        if (index < 0 || index >= quantity) {
            throw new IndexOutOfBoundsException("index " + index + " of a range of " + quantity);
        }
        String digits = Long.toString(first + index);
        return prefix + "0".repeat(width - digits.length()) + digits;
    }

    boolean overlaps(DigitRange other) {
        return width == other.width && prefix.equals(other.prefix) && first <= other.last() && other.first <= last();
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
