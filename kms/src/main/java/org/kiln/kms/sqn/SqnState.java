package org.kiln.kms.sqn;

/**
 * What a subscriber's record holds of his sequence numbers.
 *
 * @param indLength bits of IND, 0 to 28
 * @param durable the number that bounds what may be handed out: DIF in tenths of seconds for {@code TIME_BASED}, the
 *     high-water mark of SEQ for the others
 */
public record SqnState(SqnScheme scheme, int indLength, long durable) {

    private static final long TENTHS_AN_HOUR = 36_000;
    private static final int VECTORS_AN_HOUR = 4096;

    /** The state of a new subscriber whose first SEQ comes after that of {@code sqn}; {@code clock} is now. */
    public static SqnState after(long sqn, SqnScheme scheme, Sqn format, long clock) {
        return new SqnState(scheme, format.indLength(), scheme.durableAfter(format.seq(sqn), clock));
    }

    public SqnState withDurable(long changed) {
        return new SqnState(scheme, indLength, changed);
    }

    /**
     * This state for a sequence that begins anew from it while another may have gone as far as its bounds allow: nothing
     * that one hands out, or has handed out, comes again.
     */
    public SqnState anew() {
        return scheme == SqnScheme.TIME_BASED ? withDurable(durable + SqnCeiling.LEAD_TENTHS + 1) : this;
    }

    /**
     * Whether every SQN from here comes after those that a sequence from {@code before} may hand out.
     *
     * @param clock now, in tenths of seconds
     */
    public boolean goesOnFrom(SqnState before, long clock) {
        if (scheme == before.scheme && indLength == before.indLength) {
            return durable >= before.anew().durable;
        }
        long first = scheme == SqnScheme.TIME_BASED ? durable + clock : durable + 1;
        return (first << indLength) > before.reach(clock);
    }

    /** This state, or where it would not go on from {@code before} the least of its kind that does. */
    public SqnState notBehind(SqnState before, long clock) {
        if (goesOnFrom(before, clock)) {
            return this;
        }
        return scheme == before.scheme && indLength == before.indLength
                ? before.anew()
                : after(before.reach(clock), scheme, new Sqn(indLength), clock);
    }

    /**
     * The greatest SQN that may have been handed out, or is handed out within so many hours: what another authentication
     * centre must begin above. Counters are taken to move by no more than {@value #VECTORS_AN_HOUR} an hour.
     *
     * @param clock now, in tenths of seconds; not less than any node's ceiling less {@link SqnCeiling#LEAD_TENTHS}
     */
    public long reachWithin(int hours, long clock) {
        long later = clock + hours * TENTHS_AN_HOUR;
        SqnState then = hours == 0 || scheme == SqnScheme.TIME_BASED
                ? this
                : withDurable(scheme.resume(durable).raised(durable, hours * VECTORS_AN_HOUR, later));
        return Math.min(then.reach(later), (1L << Sqn.BITS) - 1);
    }

    /**
     * A state from which nothing comes that may have been handed out since this one was kept: for a record that is taken from
     * a backup. The same bounds hold as for {@link #reachWithin}.
     *
     * @param hours since then
     * @param then a clock reading of that time, in tenths of seconds
     * @param now in tenths of seconds
     */
    public SqnState restored(int hours, long then, long now) {
        return after(reachWithin(hours, then), scheme, new Sqn(indLength), now).notBehind(this, now);
    }

    /** The greatest SQN that may be handed out without a change on disk. */
    private long reach(long clock) {
        long seq = scheme == SqnScheme.TIME_BASED ? durable + clock + SqnCeiling.LEAD_TENTHS : durable;
        return ((seq + 1) << indLength) - 1;
    }
}
