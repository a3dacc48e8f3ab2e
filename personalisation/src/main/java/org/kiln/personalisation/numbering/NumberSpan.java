package org.kiln.personalisation.numbering;

import java.math.BigInteger;

/**
 * Consecutive numbers, whoever has them.
 *
 * @param first the first of them
 * @param past the first beyond them
 */
record NumberSpan(BigInteger first, BigInteger past) {

    static NumberSpan of(BigInteger first, long count) {
        return new NumberSpan(first, first.add(BigInteger.valueOf(count)));
    }

    boolean isEmpty() {
        return first.compareTo(past) >= 0;
    }

    long count() {
        return past.subtract(first).longValueExact();
    }

    boolean contains(BigInteger number) {
        return first.compareTo(number) <= 0 && number.compareTo(past) < 0;
    }

    /** The numbers of both; empty if there are none. */
    NumberSpan common(NumberSpan other) {
        return new NumberSpan(first.max(other.first), past.min(other.past));
    }

    /** With a number more at each end, so that neighbours cross it. */
    NumberSpan widened() {
        return new NumberSpan(first.subtract(BigInteger.ONE), past.add(BigInteger.ONE));
    }
}
