package org.kiln.kms.sqn;

import java.util.Optional;

/**
 * One subscriber's SEQs, in the order they are handed out; none is handed out twice, whatever crashes.
 *
 * <p>Each scheme keeps one number on disk, which bounds what may be handed out. {@link #reserve} is pure memory; when it
 * answers {@link #BOUND_REACHED} the number must be {@linkplain #raised raised} on disk, and only then here. Times are in
 * tenths of seconds. Safe for use by many threads.
 */
public sealed interface SqnSequence permits CounterSequence, PartlyTimeBasedSequence, TimeBasedSequence {

    /** What {@link #reserve} answers when the bound on disk has been reached. */
    long BOUND_REACHED = -1;

    /**
     * Reserves {@code count} consecutive SEQs and returns the first, or {@link #BOUND_REACHED}.
     *
     * @param ceiling the node's, which is on disk
     */
    long reserve(int count, long clock, long ceiling);

    /**
     * The number to write before {@link #raise}.
     *
     * @param onDisk the number that is on disk, which another node may have raised
     */
    long raised(long onDisk, int count, long clock);

    /**
     * Takes over a number that is on disk now.
     *
     * @param before what it was until then
     */
    void raise(long before, long durable);

    /**
     * Whether a USIM whose highest accepted SEQ is {@code seqMs} might refuse the next SEQ, so that the sequence must be
     * {@linkplain #resynchronise set} to it (TS 33.102 clause 6.3.5).
     */
    boolean wouldBeRefused(long seqMs, long clock);

    /**
     * The number to write before {@link #resynchronise}; less than the one on disk only if the card is more than Δ
     * behind.
     *
     * @param onDisk the number that is on disk, which another node may have raised
     */
    long durableAfter(long onDisk, long seqMs, long clock);

    /** Continues after SEQ_MS; {@code durable} is on disk now. */
    void resynchronise(long seqMs, long durable);

    /**
     * Goes on behind what an earlier object for the same subscriber has handed out on this node; that one hands out nothing any
     * more. Where the number on disk was set back meanwhile, the subscriber has another Ki, and the earlier object counts for
     * nothing.
     */
    void follow(SqnSequence earlier);

    /**
     * SEQs that are reserved on disk and not handed out: those after {@code last} up to the mark.
     *
     * @param mark as it was on disk
     */
    record Left(long last, long mark) {

        private static final int FOR_EACH_IN_USE = 10;
        private static final int MOST = 1_000_000;

        /** Of how many subscribers who are no longer in use a node keeps it, while it keeps keys of so many in use. */
        public static int room(long inUse) {
            return (int) Math.clamp(inUse * FOR_EACH_IN_USE, 1L, MOST);
        }
    }

    /** What is left of what was reserved on disk, if this object is dropped now. */
    Optional<Left> left();

    /** Goes on where an earlier object for the same subscriber ended, if the mark on disk is still that one's. */
    void resume(Left left);

    /** Whether this object may be dropped: what comes after is not less than what it handed out. */
    boolean mayBeForgotten(long clock);
}
