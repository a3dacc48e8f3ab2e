package org.kiln.kms.auc;

/** Requests for one subscriber in the window of {@link SubscriberWatch} that runs now. */
final class AskedCount {

    private static final int TENTHS = 10;

    private long ends = Long.MIN_VALUE;
    private int count;

    /** Counts one; whether it is the first of its window that is too many. {@code clock} is in tenths of seconds. */
    synchronized boolean isOneTooMany(long clock, SubscriberWatch watch) {
        if (clock >= ends) {
            ends = clock + (long) TENTHS * watch.windowSeconds();
            count = 0;
        }
        return count++ == watch.requests();
    }
}
