package org.kiln.kms.access;

import java.time.Duration;

/**
 * When a caller who asks for subscribers whom nobody knows is taken to go through numbers.
 *
 * @param unknown how many different ones within {@code window}
 * @param window after which the count begins anew
 * @param lockOut for how long nothing of his is served then; zero to tell of it only
 */
public record ScanLimit(int unknown, Duration window, Duration lockOut) {

    private static final int MOST = 1_000_000;

    public ScanLimit {
        if (unknown < 1 || unknown > MOST || window.isNegative() || window.isZero() || lockOut.isNegative()) {
            throw new IllegalArgumentException("a scan is 1 to " + MOST + " unknown subscribers in a time");
        }
    }
}
