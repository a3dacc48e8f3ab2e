package org.kiln.kms.sqn;

/** How a subscriber's sequence numbers are made, named as in TS 29.505 ({@code sqnScheme}). */
public enum SqnScheme {
    /** Partly time-based (TS 33.102 Annex C.1.2.1 and profile C.3.1): a counter that the clock pushes on. */
    GENERAL,
    /** A counter (Annex C.1.2.2, profile C.3.2). */
    NON_TIME_BASED,
    /** The clock and an offset (Annex C.1.2.3, profile C.3.3). */
    TIME_BASED;

    /**
     * A subscriber's sequence as his record leaves it.
     *
     * @param durable what the record holds for this scheme
     */
    public SqnSequence resume(long durable) {
        return switch (this) {
            case GENERAL -> new PartlyTimeBasedSequence(durable);
            case NON_TIME_BASED -> new CounterSequence(durable);
            case TIME_BASED -> new TimeBasedSequence(durable);
        };
    }

    /**
     * What a new subscriber's record holds so that his first SEQ comes after {@code seq}.
     *
     * @param clock now, in tenths of seconds
     */
    public long durableAfter(long seq, long clock) {
        return this == TIME_BASED ? TimeBasedSequence.difAfter(seq, clock) : seq;
    }
}
