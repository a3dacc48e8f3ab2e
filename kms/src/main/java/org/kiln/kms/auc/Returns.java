package org.kiln.kms.auc;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * How soon subscribers are asked for again, and so whether it pays to keep keys open when not all have room. Keys that stay
 * open for one who returns late cost a place and a second visit by the token, and bring nothing; they are better closed by the
 * call that used them.
 *
 * <p>Time is counted in keys that were opened: a return is soon if no more were opened since than may stay open, for then they
 * would have stayed.
 */
final class Returns {

    /** Of so many requests one must be a soon return. */
    private static final int WORTH_IT = 8;

    /** Fewer requests in a second tell nothing. */
    private static final int ENOUGH = 256;

    /** When somebody's keys were last wanted that never were. */
    static final long NEVER = Long.MIN_VALUE / 2;

    private final int capacity;
    private final AtomicLong opened = new AtomicLong();
    private final LongAdder requests = new LongAdder();
    private final LongAdder soon = new LongAdder();
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

    /** Counts a request that wants keys. */
    void count(boolean isSoon) {
        requests.increment();
        if (isSoon) {
            soon.increment();
        }
    }

    /** Judges by the requests since the last time; to be called every second, by one thread. */
    void judge() {
        if (requests.sum() < ENOUGH) {
            return;
        }
        keepingPays = soon.sumThenReset() * WORTH_IT >= requests.sumThenReset();
    }

    /** Whether keys should stay open of one of whom nothing is known. */
    boolean keepingPays() {
        return keepingPays;
    }
}
