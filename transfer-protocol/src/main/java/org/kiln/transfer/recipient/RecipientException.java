package org.kiln.transfer.recipient;

import java.io.IOException;

/** A file or key that a recipient cannot take; each kind says what to do. */
public abstract sealed class RecipientException extends IOException {

    private static final long serialVersionUID = 1L;

    private RecipientException(String message) {
        super(message);
    }

    /** The manifest names somebody else. */
    public static final class WrongRecipient extends RecipientException {
        private static final long serialVersionUID = 1L;

        WrongRecipient(String named, String expected) {
            super("The batch is for '" + named + "', not for '" + expected + "'. Send it back to its sender.");
        }
    }

    /** The token lacks the transport key that the manifest names. */
    public static final class UnknownTransportKey extends RecipientException {
        private static final long serialVersionUID = 1L;

        UnknownTransportKey(String label) {
            super("The token holds no transport key '" + label + "'. Receive it first with 'recipient receive-key'.");
        }
    }

    /** The token's transport key of that name is another key. */
    public static final class WrongTransportKey extends RecipientException {
        private static final long serialVersionUID = 1L;

        WrongTransportKey(String label, String stated, String found) {
            super("Transport key '" + label + "' has the check value " + found + " here and " + stated
                    + " at the sender: it is the wrong transport key. Exchange it anew.");
        }
    }

    /** A wrapped value does not unwrap, or is not the key that its check value tells. */
    public static final class ValueRefused extends RecipientException {
        private static final long serialVersionUID = 1L;

        ValueRefused(long line, String column, String why) {
            super("Line " + line + ", column " + column + ": " + why + ". Ask the sender for the batch again.");
        }
    }

    /** The wrapped transport key does not unwrap. */
    public static final class TransportKeyRefused extends RecipientException {
        private static final long serialVersionUID = 1L;

        TransportKeyRefused() {
            super("The wrapped transport key does not unwrap under this token's receiver key: it was made for another"
                    + " recipient or is damaged. Send the sender this token's public key again.");
        }
    }

    /** The transport key was received for production: what it unwraps stays hidden. */
    public static final class RevealRefused extends RecipientException {
        private static final long serialVersionUID = 1L;

        RevealRefused() {
            super("The token reveals nothing that comes under this transport key: it was received for production.");
        }
    }
}
