package org.kiln.personalisation.numbering;

/**
 * Consecutive numbers that were given to one order.
 *
 * @param first with leading zeros, without check digits
 * @param count how many
 * @param orderId whose they are, or last were
 */
public record NumberBlock(NumberKind kind, String first, long count, State state, String orderId) {

    /** Whether the numbers may be given again. */
    public enum State {
        /** On cards, or meant for cards. */
        TAKEN,
        /** Of a cancelled order: a card with one of them may exist. Never given again unless somebody releases them. */
        QUARANTINED,
        /** Given again on purpose, before any new number of their range. */
        RELEASED
    }
}
