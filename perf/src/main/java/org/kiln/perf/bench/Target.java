package org.kiln.perf.bench;

/**
 * A ratio of two figures of one run that Kiln is to reach.
 *
 * @param what in words
 * @param value what was reached; not a number if one of the two was not measured
 * @param bound what is to be reached
 * @param atMost whether the bound is an upper one
 */
public record Target(String what, double value, double bound, boolean atMost) {

    /** Whether it was measured, and reached. */
    public boolean isReached() {
        return atMost ? value <= bound : value >= bound;
    }

    /** Whether both of its figures were measured. */
    public boolean isMeasured() {
        return !Double.isNaN(value);
    }
}
