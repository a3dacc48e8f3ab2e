package org.kiln.personalisation.numbering;

/** A range cannot be entered, or cannot give what is asked for; the message says what to do. */
public sealed class RangeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RangeException(String message) {
        super(message);
    }

    /** Its row is not as Kiln wrote it. */
    public static final class Damaged extends RangeException {

        private static final long serialVersionUID = 1L;

        Damaged(String name) {
            super("the row of number range '" + name
                    + "' was changed by somebody else than Kiln: find out by whom before"
                    + " numbers of it are given; then enter the range again as it was ('kiln numbers add')");
        }
    }

    /** Numbers are on cards, or meant for cards. */
    public static final class InUse extends RangeException {

        private static final long serialVersionUID = 1L;

        InUse(String message) {
            super(message);
        }
    }
}
