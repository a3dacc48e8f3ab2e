package org.kiln.kms.sqn;

import java.util.Optional;

/**
 * A counter ({@code NON_TIME_BASED}, TS 33.102 Annex C.1.2.2): SEQ = SEQ_HE + 1. On disk is a high-water mark: no SEQ
 * beyond it has been handed out. One write serves {@value #BLOCK} vectors; a crash skips what is left of them.
 */
public final class CounterSequence implements SqnSequence {

    /** How far the mark is raised at a time. */
    public static final long BLOCK = 256;

    private long last;
    private long mark;

    /** @param mark as it is on disk */
    public CounterSequence(long mark) {
        this.mark = mark;
        last = mark;
    }

    @Override
    public synchronized long reserve(int count, long clock, long ceiling) {
        if (last + count > mark) {
            return BOUND_REACHED;
        }
        long first = last + 1;
        last += count;
        return first;
    }

    @Override
    public long raised(long onDisk, int count, long clock) {
        return onDisk + Math.max(BLOCK, count);
    }

    /** What another node has reserved meanwhile is skipped. */
    @Override
    public synchronized void raise(long before, long durable) {
        if (before != mark) {
            last = before;
        }
        mark = durable;
    }

    @Override
    public synchronized boolean wouldBeRefused(long seqMs, long clock) {
        return last < seqMs || last + 1 - seqMs > Sqn.DELTA;
    }

    @Override
    public synchronized long durableAfter(long onDisk, long seqMs, long clock) {
        return last < seqMs ? Math.max(onDisk, seqMs + BLOCK) : seqMs + BLOCK;
    }

    @Override
    public synchronized void resynchronise(long seqMs, long durable) {
        last = seqMs;
        mark = durable;
    }

    /** What an earlier object may hand out lies below the mark, which is where this one began. */
    @Override
    public void follow(SqnSequence earlier) {}

    @Override
    public synchronized Optional<Left> left() {
        return last < mark ? Optional.of(new Left(last, mark)) : Optional.empty();
    }

    @Override
    public synchronized void resume(Left left) {
        if (left.mark() == mark && last == mark) {
            last = left.last();
        }
    }

    @Override
    public boolean mayBeForgotten(long clock) {
        return true;
    }
}
