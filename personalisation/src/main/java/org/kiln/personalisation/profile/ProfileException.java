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

    /** Nobody published it in time. */
    public static final class Expired extends ProfileException {
        private static final long serialVersionUID = 1L;

        public Expired(String name, int version, String by) {
            super("nobody published version " + version + " of profile '" + name + "' by " + by
                    + ", and its time is over: put the profile again ('kiln profile add'), and have a second person publish"
                    + " the version that it becomes");
        }
    }

    /** Its row is not as Kiln wrote it. */
    public static final class Damaged extends ProfileException {
        private static final long serialVersionUID = 1L;

        public Damaged(String name, int version) {
            super("the row of version " + version + " of profile '" + name
                    + "' was changed by somebody else than Kiln: find"
                    + " out by whom before anything is published or ordered; then put the profile again");
        }
    }
}
