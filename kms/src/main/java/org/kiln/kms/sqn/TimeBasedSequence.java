package org.kiln.kms.sqn;

import java.util.Optional;

/**
 * Entirely time-based ({@code TIME_BASED}, TS 33.102 Annex C.1.2.3, profile C.3.3): SEQ = max(last + 1, clock + DIF).
 *
 * <p>Only DIF is kept on disk. What makes a crash harmless is a bound: no SEQ is handed out beyond DIF + ceiling, where
 * the ceiling is the node's and on disk too. A sequence that reaches its bound must have DIF raised on disk first.
 */
public final class TimeBasedSequence implements SqnSequence {

    /** How far DIF is raised at a time: so many vectors, or 27 minutes of the clock. */
    public static final long DIF_STEP = 1 << 14;

    private long dif;
    private long last;

    /** @param dif as it is on disk */
    public TimeBasedSequence(long dif) {
        this.dif = dif;
        last = Long.MIN_VALUE;
    }

    /** The DIF with which the first SEQ after {@code seq} is handed out at the time {@code clock}. */
    static long difAfter(long seq, long clock) {
        return seq + 1 - clock;
    }

    @Override
    public synchronized long reserve(int count, long clock, long ceiling) {
        long first = Math.max(last + 1, clock + dif);
        if (first + count - 1 > dif + ceiling) {
            return BOUND_REACHED;
        }
        last = first + count - 1;
        return first;
    }

    @Override
    public long raised(long onDisk, int count, long clock) {
        return onDisk + DIF_STEP;
    }

    /** A lower DIF than before is ignored. */
    @Override
    public synchronized void raise(long before, long durable) {
        dif = Math.max(dif, durable);
    }

    @Override
    public synchronized boolean wouldBeRefused(long seqMs, long clock) {
        long next = Math.max(last + 1, clock + dif);
        return next <= seqMs || next - seqMs > Sqn.DELTA;
    }

    @Override
    public synchronized long durableAfter(long onDisk, long seqMs, long clock) {
        long next = Math.max(last + 1, clock + dif);
        long after = difAfter(seqMs, clock);
        return next <= seqMs ? Math.max(onDisk, after) : after;
    }

    @Override
    public synchronized void resynchronise(long seqMs, long durable) {
        last = seqMs;
        dif = durable;
    }

    @Override
    public void follow(SqnSequence earlier) {
        if (earlier instanceof TimeBasedSequence before) {
            long handedOut = before.lastUnlessBeyond(dif());
            synchronized (this) {
                last = Math.max(last, handedOut);
            }
        }
    }

    private synchronized long dif() {
        return dif;
    }

    private synchronized long lastUnlessBeyond(long later) {
        return later < dif ? Long.MIN_VALUE : last;
    }

    /** Nothing is reserved on disk. */
    @Override
    public Optional<Left> left() {
        return Optional.empty();
    }

    @Override
    public void resume(Left left) {}

    @Override
    public synchronized boolean mayBeForgotten(long clock) {
        return last < clock + dif;
    }
}
