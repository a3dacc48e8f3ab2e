package org.kiln.personalisation.order;

/** How far an order has come. */
public enum OrderState {
    /** Its numbers are allocated; its cards are being made. */
    GENERATING,
    /** All cards are made and the output file is there. */
    READY,
    /** It cannot go on without a person; see the log. */
    FAILED
}
