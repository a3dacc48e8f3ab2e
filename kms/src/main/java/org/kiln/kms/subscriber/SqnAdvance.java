package org.kiln.kms.subscriber;

/**
 * A change of what a record holds of its sequence numbers.
 *
 * @param known the record as it is on disk, as far as who asks knows
 * @param durable the number that it is to hold
 */
public record SqnAdvance(Subscriber known, long durable) {

    /** The record after the change. */
    public Subscriber advanced() {
        return known.withSqn(known.sqn().withDurable(durable));
    }
}
