package org.kiln.kms.auc;

/**
 * How often one subscriber may be resynchronised: {@value #BURST} times at once, then once every {@value #TENTHS} tenths
 * of a second. A card needs it once; who asks more often replays, or has a card that is broken.
 */
final class ResyncLimit {

    static final int BURST = 5;
    static final long TENTHS = 100;

    private long paidUntil = Long.MIN_VALUE / 2;

    /** Whether one more is allowed now; {@code clock} is in tenths of seconds. */
    synchronized boolean admit(long clock) {
        long owed = Math.max(paidUntil, clock) + TENTHS;
        if (owed > clock + BURST * TENTHS) {
            return false;
        }
        paidUntil = owed;
        return true;
    }
}
