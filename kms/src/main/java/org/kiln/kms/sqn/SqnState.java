package org.kiln.kms.sqn;

/**
 * What a subscriber's record holds of his sequence numbers.
 *
 * @param indLength bits of IND, 0 to 28
 * @param durable the number that bounds what may be handed out: DIF in tenths of seconds for {@code TIME_BASED}, the
 *     high-water mark of SEQ for the others
 */
public record SqnState(SqnScheme scheme, int indLength, long durable) {

    /** The state of a new subscriber whose first SEQ comes after that of {@code sqn}; {@code clock} is now. */
    public static SqnState after(long sqn, SqnScheme scheme, Sqn format, long clock) {
        return new SqnState(scheme, format.indLength(), scheme.durableAfter(format.seq(sqn), clock));
    }

    public SqnState withDurable(long changed) {
        return new SqnState(scheme, indLength, changed);
    }

    /**
     * Whether every SQN from here comes after those that {@code before} may have handed out.
     *
     * @param clock now, in tenths of seconds
     */
    public boolean goesOnFrom(SqnState before, long clock) {
        if (scheme == before.scheme && indLength == before.indLength) {
            return durable >= before.durable;
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
                ? before
                : after(before.reach(clock), scheme, new Sqn(indLength), clock);
    }

    /** The greatest SQN that may have been handed out. */
    private long reach(long clock) {
        long seq = scheme == SqnScheme.TIME_BASED ? durable + clock + SqnCeiling.LEAD_TENTHS : durable;
        return ((seq + 1) << indLength) - 1;
    }
}
