package org.kiln.kms.sqn;

/**
 * One subscriber's sequence under the time-based scheme (TS 33.102 Annex C.1.2, {@code TIME_BASED} of TS 29.505):
 * SEQ = max(last + 1, clock + DIF).
 *
 * <p>Only DIF is kept on disk. What makes a crash harmless is a bound: no SEQ is handed out beyond DIF + ceiling, where
 * the ceiling is the node's and on disk too. A sequence that reaches its bound must have DIF raised on disk first.
 */
public final class TimeBasedSequence {

    /** How far DIF is raised at a time: so many vectors, or 27 minutes of the clock. */
    public static final long DIF_STEP = 1 << 14;

    /** What {@link #reserve} answers when the bound has been reached. */
    public static final long BOUND_REACHED = -1;

    private final Sqn format;
    private long dif;
    private long last;

    /** @param dif as it is on disk */
    public TimeBasedSequence(Sqn format, long dif) {
        this.format = format;
        this.dif = dif;
        last = Long.MIN_VALUE;
    }

    /** The DIF with which the first SEQ after {@code seq} is handed out at the time {@code clock}. */
    public static long difAfter(long seq, long clock) {
        return seq + 1 - clock;
    }

    /**
     * Reserves {@code count} consecutive SEQs and returns the first, or {@link #BOUND_REACHED}.
     *
     * @param ceiling the node's, durable
     */
    public synchronized long reserve(int count, long clock, long ceiling) {
        long first = Math.max(last + 1, clock + dif);
        if (first + count - 1 > dif + ceiling) {
            return BOUND_REACHED;
        }
        last = first + count - 1;
        return first;
    }

    /** The DIF to write before {@link #raise}. */
    public synchronized long raisedDif() {
        return dif + DIF_STEP;
    }

    /** Takes over a DIF that is on disk now; a lower one than before is ignored. */
    public synchronized void raise(long durableDif) {
        dif = Math.max(dif, durableDif);
    }

    /**
     * Whether the next SEQ would be refused by a USIM whose highest accepted SEQ is {@code seqMs}, so that the sequence
     * must be {@linkplain #resynchronise set} to it (TS 33.102 clause 6.3.5).
     */
    public synchronized boolean wouldBeRefused(long seqMs, long clock) {
        long next = Math.max(last + 1, clock + dif);
        return next <= seqMs || next - seqMs > Sqn.DELTA;
    }

    /** Continues after SQN_MS; {@code durableDif} is {@link #difAfter} of it and on disk now. */
    public synchronized void resynchronise(long seqMs, long durableDif) {
        last = seqMs;
        dif = durableDif;
    }

    /** Whether dropping this object loses nothing: what it handed out lies behind the clock. */
    public synchronized boolean isBehind(long clock) {
        return last < clock + dif;
    }

    public Sqn format() {
        return format;
    }
}
