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
}
