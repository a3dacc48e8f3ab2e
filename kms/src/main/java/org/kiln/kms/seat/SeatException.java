package org.kiln.kms.seat;

/** A node cannot have a seat; the message says what to do. */
public final class SeatException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public SeatException(String message) {
        super(message);
    }
}
