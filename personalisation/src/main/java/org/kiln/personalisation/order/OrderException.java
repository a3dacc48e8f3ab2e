package org.kiln.personalisation.order;

/** An order cannot be taken, or cannot be done with as asked; the message says what to change. */
public abstract sealed class OrderException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private OrderException(String message) {
        super(message);
    }

    /** The order breaks a rule. */
    public static final class Refused extends OrderException {
        private static final long serialVersionUID = 1L;

        public Refused(String message) {
            super(message);
        }
    }

    /** There is no such order, or no such file of it. */
    public static final class Unknown extends OrderException {
        private static final long serialVersionUID = 1L;

        public Unknown(String message) {
            super(message);
        }
    }

    /** The order is not in a state for this. */
    public static final class WrongState extends OrderException {
        private static final long serialVersionUID = 1L;

        public WrongState(String message) {
            super(message);
        }
    }

    /** This person may not do it, for he did the step before. */
    public static final class SecondPerson extends OrderException {
        private static final long serialVersionUID = 1L;

        public SecondPerson(String message) {
            super(message);
        }
    }

    /** Nobody approved it in time. */
    public static final class Expired extends OrderException {
        private static final long serialVersionUID = 1L;

        public Expired(String message) {
            super(message);
        }
    }

    /** Its row is not as Kiln wrote it. */
    public static final class Damaged extends OrderException {
        private static final long serialVersionUID = 1L;

        public Damaged(String message) {
            super(message);
        }
    }
}
