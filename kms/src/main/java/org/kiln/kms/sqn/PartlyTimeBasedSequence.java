package org.kiln.kms.sqn;

import java.util.Optional;

/**
 * Partly time-based ({@code GENERAL}, TS 33.102 Annex C.1.2.1, profile C.3.1): SEQ = SEQ1 ‖ SEQ2, where SEQ2 is the low
 * 24 bits and follows a clock of seconds, GLC, as long as the sequence does not run ahead of it.
 *
 * <p>On disk is a high-water mark as in {@link CounterSequence}, raised by {@value #STEP}: by so many vectors or seconds
 * of the clock. After a crash the sequence counts on from the mark until the clock has caught up.
 */
public final class PartlyTimeBasedSequence implements SqnSequence {

    /** Bits of SEQ2. */
    static final int SEQ2_BITS = 24;

    /** D: how far SEQ2 may run ahead of the clock before it is taken for a wrap-around (profile C.3.1). */
    static final long D = 1 << 16;

    /** How far the mark is raised at a time. */
    static final long STEP = 1 << 12;

    private static final long P = 1L << SEQ2_BITS;
    private static final long TENTHS = 10;

    private long last;
    private long mark;

    /** @param mark as it is on disk */
    public PartlyTimeBasedSequence(long mark) {
        this.mark = mark;
        last = mark;
    }

    /** The SEQ that comes after {@code seqHe} (C.1.2.1). */
    private static long next(long seqHe, long clock) {
        long seq1 = seqHe >> SEQ2_BITS;
        long seq2 = seqHe & (P - 1);
        long glc = (clock / TENTHS) & (P - 1);
        if (seq2 < glc && glc < seq2 + P - D + 1) {
            return (seq1 << SEQ2_BITS) | glc;
        }
        if (glc + D - 1 < seq2) {
            return ((seq1 + 1) << SEQ2_BITS) | glc;
        }
        return seqHe + 1;
    }

    @Override
    public synchronized long reserve(int count, long clock, long ceiling) {
        long first = next(last, clock);
        if (first + count - 1 > mark) {
            return BOUND_REACHED;
        }
        last = first + count - 1;
        return first;
    }

    @Override
    public synchronized long raised(long onDisk, int count, long clock) {
        long from = next(Math.max(last, onDisk == mark ? last : onDisk), clock);
        return Math.max(onDisk, from + count + STEP);
    }

    @Override
    public synchronized void raise(long before, long durable) {
        if (before != mark) {
            last = Math.max(last, before);
        }
        mark = durable;
    }

    @Override
    public synchronized boolean wouldBeRefused(long seqMs, long clock) {
        long next = next(last, clock);
        return next <= seqMs || next - seqMs > Sqn.DELTA;
    }

    @Override
    public synchronized long durableAfter(long onDisk, long seqMs, long clock) {
        long after = next(seqMs, clock) + STEP;
        return next(last, clock) <= seqMs ? Math.max(onDisk, after) : after;
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
