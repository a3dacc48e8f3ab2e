package org.kiln.kms.auc;

/** Why a request for vectors was not answered with vectors. Messages name no key and no whole SUPI. */
public abstract sealed class AuthenticationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private AuthenticationException(String message) {
        super(message, null, false, false);
    }

    /** No subscriber has this SUPI. */
    public static final class UnknownSubscriber extends AuthenticationException {
        private static final long serialVersionUID = 1L;

        UnknownSubscriber() {
            super("no subscriber has this SUPI");
        }
    }

    /** The subscriber is suspended. */
    public static final class Suspended extends AuthenticationException {
        private static final long serialVersionUID = 1L;

        Suspended() {
            super("the subscriber is suspended; activate him first");
        }
    }

    /** The subscriber has no such authentication event. */
    public static final class UnknownEvent extends AuthenticationException {
        private static final long serialVersionUID = 1L;

        UnknownEvent() {
            super("the subscriber has no such authentication event, or it is no longer his latest there");
        }
    }

    /** The AUTS was not made by this subscriber's card. */
    public static final class Rejected extends AuthenticationException {
        private static final long serialVersionUID = 1L;

        Rejected() {
            super("the synchronisation failure token is not from this subscriber's card");
        }
    }

    /** The subscriber was resynchronised too often; trying again later may help. */
    public static final class TooManyResynchronisations extends AuthenticationException {
        private static final long serialVersionUID = 1L;

        TooManyResynchronisations() {
            super("the subscriber asks for resynchronisation too often; a card needs it once");
        }
    }

    /** The token or the store cannot serve now; trying again may help. */
    public static final class Unavailable extends AuthenticationException {
        private static final long serialVersionUID = 1L;

        Unavailable(String message) {
            super(message);
        }
    }

    /** The subscriber's record is damaged; a person must act. */
    public static final class RecordDamaged extends AuthenticationException {
        private static final long serialVersionUID = 1L;

        RecordDamaged(String message) {
            super(message);
        }
    }
}
