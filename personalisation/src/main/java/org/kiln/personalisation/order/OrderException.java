package org.kiln.personalisation.order;

/** An order cannot be taken as it is; the message says what to change. */
public final class OrderException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public OrderException(String message) {
        super(message);
    }
}
