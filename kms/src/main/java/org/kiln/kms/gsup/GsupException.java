package org.kiln.kms.gsup;

/** What a peer sent cannot be taken. Messages repeat nothing of what was sent. */
abstract sealed class GsupException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private GsupException(String message) {
        super(message, null, false, false);
    }

    /** The stream is not IPA as GSUP uses it; where the next frame begins is not known, so the connection must end. */
    static final class BrokenStream extends GsupException {
        private static final long serialVersionUID = 1L;

        BrokenStream(String message) {
            super(message);
        }
    }

    /** One message is wrong and can be answered with a cause; the connection goes on. */
    static final class WrongMessage extends GsupException {
        private static final long serialVersionUID = 1L;

        private final GsupCause cause;

        WrongMessage(GsupCause cause, String message) {
            super(message);
            this.cause = cause;
        }

        GsupCause gsupCause() {
            return cause;
        }
    }
}
