package org.kiln.personalisation.numbering;

/** A range cannot be entered, or cannot give what is asked for; the message says what to do. */
public final class RangeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RangeException(String message) {
        super(message);
    }
}
