package org.kiln.personalisation.profile;

/** A profile is not there, or not in a state for what is asked; the message says what to do. */
public abstract sealed class ProfileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private ProfileException(String message) {
        super(message);
    }

    /** There is no such profile or version. */
    public static final class Unknown extends ProfileException {
        private static final long serialVersionUID = 1L;

        public Unknown(String name) {
            super("there is no profile '" + name + "'; 'kiln profile list' shows those there are");
        }
    }

    /** It may not be done now, or not by this person. */
    public static final class NotAllowed extends ProfileException {
        private static final long serialVersionUID = 1L;

        NotAllowed(String why) {
            super(why);
        }
    }
}
