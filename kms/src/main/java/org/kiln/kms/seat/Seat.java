package org.kiln.kms.seat;

import org.kiln.kms.sqn.SqnCeiling;

/**
 * A node's number among those that share a store. Its values of IND are this process's alone while the seat is held.
 *
 * @param node the number, from 0
 * @param ceiling the number's
 * @param term how long it is held
 */
public record Seat(int node, SqnCeiling ceiling, Term term) {

    /** How long a seat is held. */
    @FunctionalInterface
    public interface Term {

        /** A seat that nobody else can have. */
        Term FOR_LIFE = () -> true;

        boolean lasts();
    }

    /**
     * Whether the seat is held at this instant. Once it is not, it never is again, and whoever computed with it must keep what he
     * has: others may have the same numbers.
     */
    public boolean isHeld() {
        return term.lasts();
    }
}
