package org.kiln.kms.auc;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * How soon subscribers are asked for again, and so whether it pays to keep keys open when not all have room. Keys that stay
 * open for one who returns late cost a place and a second visit by the token, and bring nothing; they are better closed by the
 * call that used them.
 *
 * <p>It is judged by strangers, of whom nothing is known when they are asked for: how many of them return soon. Where a few are asked
 * for again and again, most requests are theirs and say nothing of the many who come once.
 *
 * <p>Time is counted in keys that were opened: a return is soon if no more were opened since than may stay open, for then they
 * would have stayed.
 */
final class Returns {

    /**
     * Of so many strangers one must return soon. With fewer, what the others take away from those whose places they have is more than
     * the one is saved (docs/scale.md).
     */
    private static final int WORTH_IT = 3;

    /** Fewer strangers tell nothing. */
    private static final int ENOUGH = 256;

    /** When somebody's keys were last wanted that never were. */
    static final long NEVER = Long.MIN_VALUE / 2;

    private final int capacity;
    private final AtomicLong opened = new AtomicLong();
    private final LongAdder strangers = new LongAdder();
    private final LongAdder returned = new LongAdder();
    private volatile boolean keepingPays = true;

    /** @param capacity keys that may stay open */
    Returns(int capacity) {
        this.capacity = capacity;
    }

    long now() {
        return opened.get();
    }

    void keyOpened() {
        opened.getAndIncrement();
    }

    /** Whether keys that were last wanted at {@code then} would have been found open now. */
    boolean isSoon(long then) {
        return now() - then <= capacity;
    }

    /**
     * Counts a request that wants keys.
     *
     * @param isSoon whether it is a soon return
     * @param wasSoon whether the request before it was, of the same subscriber; false if there was none
     */
    void count(boolean isSoon, boolean wasSoon) {
        if (!isSoon) {
            strangers.increment();
        } else if (!wasSoon) {
            returned.increment();
        }
    }

    /** Judges by the strangers since the last time; to be called every second, by one thread. */
    void judge() {
        if (strangers.sum() < ENOUGH) {
            return;
        }
        keepingPays = returned.sumThenReset() * WORTH_IT >= strangers.sumThenReset();
    }

    /** Whether keys should stay open of one of whom nothing is known. */
    boolean keepingPays() {
        return keepingPays;
    }
}
