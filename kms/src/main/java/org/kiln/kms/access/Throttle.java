package org.kiln.kms.access;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds a caller to his {@link CallerLimit}: the rate by the virtual-scheduling form of the token bucket (ITU-T I.371, Generic
 * Cell Rate Algorithm), which needs one number. Safe for use by many threads; allocates nothing.
 */
final class Throttle {

    private final long interval;
    private final long tolerance;
    private final int atOnce;
    private final LongSupplier nanoTime;

    /** When the bucket will be full again, were nobody to call. */
    private final AtomicLong full;

    private final AtomicInteger open = new AtomicInteger();

    /** @param nanoTime a clock as {@link System#nanoTime} */
    Throttle(CallerLimit limit, LongSupplier nanoTime) {
        interval = TimeUnit.SECONDS.toNanos(1) / limit.perSecond();
        tolerance = interval * limit.burst();
        atOnce = limit.atOnce();
        this.nanoTime = nanoTime;
        full = new AtomicLong(nanoTime.getAsLong());
    }

    /** Admits a call, which {@link #end} must follow; or says why not. */
    @Nullable
    Refusal begin() {
        if (open.incrementAndGet() > atOnce) {
            open.decrementAndGet();
            return Refusal.CONCURRENCY;
        }
        if (!take(nanoTime.getAsLong())) {
            open.decrementAndGet();
            return Refusal.RATE;
        }
        return null;
    }

    private boolean take(long now) {
        while (true) {
            long before = full.get();
            long after = (before - now > 0 ? before : now) + interval;
            if (after - now > tolerance) {
                return false;
            }
            if (full.compareAndSet(before, after)) {
                return true;
            }
        }
    }

    void end() {
        open.decrementAndGet();
    }

    int open() {
        return open.get();
    }
}
