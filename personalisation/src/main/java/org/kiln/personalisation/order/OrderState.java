package org.kiln.personalisation.order;

import java.util.Set;

/** How far an order has come. */
public enum OrderState {
    /** A vendor asks for it; a person of the operator decides. */
    REQUESTED,
    /** The operator does not want it. */
    REJECTED,
    /** Numbers are taken; cards are being made. */
    GENERATING,
    /** Numbers are taken; the vendor makes the cards, and Kiln waits for his batch. */
    AWAITED,
    /** All cards are made and all files are there. */
    READY,
    /** The vendor has fetched his file. */
    DELIVERED,
    /** The vendor has signed that he has it and could open it. */
    ACKNOWLEDGED,
    /** The network serves the cards. */
    ACTIVE,
    /** Nothing is left of it but what the profile lets the operator retain. */
    CLOSED,
    /** Given up: keys and files are destroyed, numbers quarantined. */
    CANCELLED,
    /** It cannot go on without a person: see the last event, then retry or cancel. */
    FAILED;

    /** Whether an order of this state may come to another. */
    public boolean mayBecome(OrderState next) {
        return successors().contains(next);
    }

    private Set<OrderState> successors() {
        return switch (this) {
            case REQUESTED -> Set.of(GENERATING, AWAITED, REJECTED, CANCELLED);
            case GENERATING -> Set.of(READY, FAILED, CANCELLED);
            case AWAITED -> Set.of(ACKNOWLEDGED, CANCELLED);
            case FAILED -> Set.of(GENERATING, CANCELLED);
            case READY -> Set.of(DELIVERED, CANCELLED);
            case DELIVERED -> Set.of(ACKNOWLEDGED, CANCELLED);
            case ACKNOWLEDGED -> Set.of(ACTIVE);
            case ACTIVE -> Set.of(CLOSED);
            case REJECTED, CANCELLED, CLOSED -> Set.of();
        };
    }
}
