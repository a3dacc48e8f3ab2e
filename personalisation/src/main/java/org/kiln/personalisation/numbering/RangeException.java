package org.kiln.personalisation.numbering;

/** A range cannot be entered, or cannot give what is asked for; the message says what to do. */
public sealed class RangeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RangeException(String message) {
        super(message);
    }

    /** Numbers are on cards, or meant for cards. */
    public static final class InUse extends RangeException {

        private static final long serialVersionUID = 1L;

        InUse(String message) {
            super(message);
        }
    }
}
