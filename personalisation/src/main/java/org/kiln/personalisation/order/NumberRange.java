package org.kiln.personalisation.order;

/**
 * Numbers set aside for an operator's cards.
 *
 * @param first the first number, with leading zeros
 * @param size how many there are
 */
public record NumberRange(String first, long size) {

    public NumberRange {
        if (!first.matches("[0-9]{1,19}")) {
            throw new IllegalArgumentException("a range's first number has 1 to 19 digits");
        }
        if (size < 1 || size > 1_000_000_000_000L) {
            throw new IllegalArgumentException("a range has 1 to 1000000000000 numbers");
        }
    }
}
