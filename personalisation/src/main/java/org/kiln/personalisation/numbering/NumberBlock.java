package org.kiln.personalisation.numbering;

import java.math.BigInteger;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive numbers that one order got, or that nobody has had and whose turn is another than the others'.
 *
 * @param first with leading zeros, without check digits
 * @param count how many
 * @param orderId whose they are, or last were: an order or a device's identity; {@value #NOBODY} if nobody has had them
 * @param reason why they are quarantined, as it was given last; null for others, and for what earlier releases quarantined
 */
public record NumberBlock(
        NumberKind kind,
        String first,
        long count,
        State state,
        String orderId,
        @Nullable String reason) {

    /** The {@link #orderId} of numbers that nobody has had. */
    public static final String NOBODY = "";

    /** Whether the numbers may be given again. */
    public enum State {
        /** On cards, or meant for cards. */
        TAKEN,
        /** Of a cancelled order, or put here by hand: a card with one of them may exist. Not given until released. */
        QUARANTINED,
        /** Given before any new number: released on purpose, or passed over when later ones were quarantined. */
        RELEASED
    }

    NumberSpan span() {
        return NumberSpan.of(new BigInteger(first), count);
    }

    /** These numbers of it, as they are. */
    NumberBlock part(NumberSpan numbers) {
        return part(numbers, state, reason);
    }

    /** These numbers of it, in a state of theirs. */
    NumberBlock part(NumberSpan numbers, State theirs, @Nullable String why) {
        return new NumberBlock(
                kind, NumberRanges.padded(numbers.first(), first.length()), numbers.count(), theirs, orderId, why);
    }

    /** Whether {@code next} begins where this one ends, and nothing else tells them apart. */
    boolean goesOnWith(NumberBlock next) {
        return state == next.state
                && orderId.equals(next.orderId)
                && Objects.equals(reason, next.reason)
                && span().past().equals(next.span().first());
    }
}
