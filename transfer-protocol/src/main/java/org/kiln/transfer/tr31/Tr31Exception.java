package org.kiln.transfer.tr31;

/** A text that is no key block, or none of this KBPK's. Ask its sender for another; use nothing of it. */
public abstract sealed class Tr31Exception extends Exception {

    private static final long serialVersionUID = 1L;

    private Tr31Exception(String message) {
        super(message);
    }

    /** It breaks the form: the message names the place and the rule, and quotes nothing. */
    public static final class Malformed extends Tr31Exception {

        private static final long serialVersionUID = 1L;

        Malformed(String fault) {
            super("This is no key block of ANSI X9.143 version D: " + fault + ".");
        }
    }

    /** Its MAC is wrong: it was changed, or is under another KBPK. Deliberately, no more is said. */
    public static final class NotAuthentic extends Tr31Exception {

        private static final long serialVersionUID = 1L;

        NotAuthentic() {
            super("The key block was changed, or is protected by another key. Compare the check values of the key block"
                    + " protection key with its sender's, and ask him for the block again.");
        }
    }
}
