package org.kiln.transfer.recipient;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.batch.Wrapping;
import org.kiln.transfer.keyblock.TransportKeyFile;
import org.kiln.transfer.tr31.Tr31Exception;

/**
 * A key or file that a recipient cannot take, and what to do next. Faults of the envelope and of the batch format are
 * told by their own packages' exceptions, those of the token by {@code Pkcs11Exception} and {@code TokenException}.
 */
public abstract sealed class RecipientException extends IOException {

    private static final long serialVersionUID = 1L;

    private RecipientException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The manifest names somebody else. */
    public static final class WrongRecipient extends RecipientException {

        private static final long serialVersionUID = 1L;

        WrongRecipient(String named, String expected) {
            super(
                    "The batch is for '" + named + "', not for '" + expected
                            + "'. Use nothing of it and tell its sender; or, if that is you, give the name as he"
                            + " writes it.",
                    null);
        }
    }

    /** The token lacks the transport key that the manifest names. */
    public static final class UnknownTransportKey extends RecipientException {

        private static final long serialVersionUID = 1L;

        UnknownTransportKey(String label) {
            super(
                    "The token holds no transport key '" + label
                            + "'. Ask the sender for it and take it with 'recipient receive-key'.",
                    null);
        }
    }

    /** The token's transport key of that label is another key than the sender's. */
    public static final class WrongTransportKey extends RecipientException {

        private static final long serialVersionUID = 1L;

        WrongTransportKey(String label, String stated, String held) {
            super(
                    "Wrong transport key: '" + label + "' has the check value " + held + " in this token and " + stated
                            + " at the sender. Exchange the key again under a new label.",
                    null);
        }
    }

    /** The receiver key of this tool is an RSA key. */
    public static final class WrappingNotTaken extends RecipientException {

        private static final long serialVersionUID = 1L;

        WrappingNotTaken(String label, TransportKeyFile.Wrapping wrapping) {
            super(
                    "The transport key '" + label + "' is wrapped by " + wrapping + ", and this tool takes RSA only."
                            + " Send its sender the RSA public key that 'recipient prepare' wrote.",
                    null);
        }
    }

    /** The token has no way to unwrap values that are wrapped so. */
    public static final class WrappingNotOffered extends RecipientException {

        private static final long serialVersionUID = 1L;

        WrappingNotOffered(Wrapping wrapping, int octets, String family, Throwable cause) {
            super(
                    "A token of family " + family + " cannot unwrap values of " + octets + " octets wrapped by "
                            + wrapping
                            + ". Use a token whose profile states that mechanism, or ask the sender for AES_KWP.",
                    cause);
        }
    }

    /** The register says that the batch was opened before. */
    public static final class OpenedBefore extends RecipientException {

        private static final long serialVersionUID = 1L;

        OpenedBefore(String order, String batch, String time, boolean sameFile) {
            super(
                    "Batch '" + batch + "' of order '" + order + "' was opened before, on " + time + ", from "
                            + (sameFile ? "this file" : "another file")
                            + ". Cards must not be made twice: ask the sender why it came again, or open it with"
                            + " --again.",
                    null);
        }
    }

    /** A value's length is none that every token wraps faithfully. */
    public static final class NotRewrappable extends RecipientException {

        private static final long serialVersionUID = 1L;

        NotRewrappable(long line, String column) {
            super(
                    "Line " + line + ", column " + column
                            + ": the value is neither a key nor a code of 8 octets, and some tokens fill others up when"
                            + " they wrap. Ask the sender to leave that column out, or use its values in this token.",
                    null);
        }
    }

    /** A wrapping key whose check value nobody can tell. */
    public static final class NoCheckValue extends RecipientException {

        private static final long serialVersionUID = 1L;

        NoCheckValue(String label) {
            super(
                    "The token tells no check value of key '" + label
                            + "', which the file must name. Use a key that was made or imported in this token.",
                    null);
        }
    }

    /** The token holds a transport key of this label already. */
    public static final class LabelTaken extends RecipientException {

        private static final long serialVersionUID = 1L;

        LabelTaken(String label) {
            super(
                    "The token holds a key '" + label
                            + "' already. Agree on another label with the sender, or delete the old key first.",
                    null);
        }
    }

    /** The wrapped transport key does not unwrap: deliberately, no more is said. */
    public static final class TransportKeyRefused extends RecipientException {

        private static final long serialVersionUID = 1L;

        TransportKeyRefused(Throwable cause) {
            super(
                    "The token cannot unwrap the transport key: it was damaged, or wrapped for another recipient. Fetch"
                            + " it again, or send its sender this token's public key once more.",
                    cause);
        }
    }

    /** The transport key was wrapped under the public key of another token. */
    public static final class ForAnotherToken extends RecipientException {

        private static final long serialVersionUID = 1L;

        ForAnotherToken(String named, String ours) {
            super(
                    "The transport key is wrapped for the public key " + named + "; this token's is " + ours
                            + ". Open it with the token it is for, or send its sender this token's public key.",
                    null);
        }
    }

    /** The transport key unwraps and is not the one that its file tells. */
    public static final class TransportKeyDiffers extends RecipientException {

        private static final long serialVersionUID = 1L;

        TransportKeyDiffers(String label) {
            super(
                    "Transport key '" + label
                            + "' does not have the check values that its file states. Ask its sender for it again.",
                    null);
        }
    }

    /** A wrapped value does not unwrap. */
    public static final class ValueRefused extends RecipientException {

        private static final long serialVersionUID = 1L;

        ValueRefused(long line, String column, Throwable cause) {
            super(
                    "Line " + line + ", column " + column
                            + ": the value does not unwrap. Use nothing of the batch and ask its sender for it again.",
                    cause);
        }
    }

    /** A key block does not open. */
    public static final class KeyBlockRefused extends RecipientException {

        private static final long serialVersionUID = 1L;

        KeyBlockRefused(long line, String column, Tr31Exception cause) {
            super(
                    "Line " + line + ", column " + column + ": " + cause.getMessage()
                            + " Use nothing of the batch and ask its sender for it again.",
                    cause);
        }
    }

    /** A key block opens and is not what its column holds. */
    public static final class KeyBlockMisfits extends RecipientException {

        private static final long serialVersionUID = 1L;

        KeyBlockMisfits(long line, String column, String how) {
            super(
                    "Line " + line + ", column " + column + ": the key in the block " + how
                            + ". Use nothing of the batch and ask its sender which use was agreed.",
                    null);
        }
    }

    /** The key that a column of key blocks names was received for something else. */
    public static final class NoKeyBlockKey extends RecipientException {

        private static final long serialVersionUID = 1L;

        NoKeyBlockKey(String label, String column) {
            super(
                    "Column " + column + " holds key blocks under '" + label
                            + "', and the token's key of that label protects none. Agree on a key for key blocks alone, and"
                            + " take it with 'recipient receive-key --use KEY_BLOCKS'.",
                    null);
        }
    }

    /** A key unwraps and is not the one that its check value tells. */
    public static final class CheckValueDiffers extends RecipientException {

        private static final long serialVersionUID = 1L;

        CheckValueDiffers(long line, String column) {
            super(
                    "Line " + line + ", column " + column
                            + ": the key does not have the check value stated. Use nothing of the batch and ask its"
                            + " sender for it again.",
                    null);
        }
    }

    /** The transport key was received for production: what comes under it stays hidden. */
    public static final class RevealRefused extends RecipientException {

        private static final long serialVersionUID = 1L;

        RevealRefused(String label, @Nullable Throwable cause) {
            super(
                    "The token reveals nothing under transport key '" + label
                            + "', which was received for production. In a laboratory, receive a test key for"
                            + " laboratory use.",
                    cause);
        }
    }

    /** A file named on the command line cannot be used. */
    public static final class FileUnusable extends RecipientException {

        private static final long serialVersionUID = 1L;

        FileUnusable(Path file, String why) {
            super("The file " + file + " " + why + ".", null);
        }
    }
}
