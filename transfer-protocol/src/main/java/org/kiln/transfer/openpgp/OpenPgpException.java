package org.kiln.transfer.openpgp;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A message that cannot be made or opened, and what to do next. Faults of disk or network stay plain IOExceptions. */
public abstract sealed class OpenPgpException extends IOException {

    private static final long serialVersionUID = 1L;

    private OpenPgpException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The file is no OpenPGP message or certificate of the form that is read. */
    public static final class NotOpenPgp extends OpenPgpException {

        private static final long serialVersionUID = 1L;

        NotOpenPgp(String fault) {
            super(
                    "This is no OpenPGP file that Kiln can read: " + fault
                            + ". Check that it is the right file, in binary form, encrypted and signed in one go.",
                    null);
        }
    }

    /** An algorithm or a form that is not taken. */
    public static final class Unsupported extends OpenPgpException {

        private static final long serialVersionUID = 1L;

        Unsupported(String found, String accepted) {
            super("The message uses " + found + ". Ask its sender to use " + accepted + ".", null);
        }
    }

    /** A certificate without a key that can play the part. */
    public static final class UnfitCertificate extends OpenPgpException {

        private static final long serialVersionUID = 1L;

        UnfitCertificate(String fingerprint, String needed) {
            super(
                    "The OpenPGP certificate " + fingerprint + " has no usable " + needed
                            + ". Ask its owner for one with it.",
                    null);
        }
    }

    /** None of the message's recipients is this key. */
    public static final class NotForThisRecipient extends OpenPgpException {

        private static final long serialVersionUID = 1L;

        NotForThisRecipient(String fingerprint, int recipients) {
            super(
                    "The message is not encrypted to " + fingerprint + "; it has " + recipients
                            + " other recipient(s). Ask its sender to encrypt it to this certificate.",
                    null);
        }
    }

    /** The modification detection code does not fit: deliberately no more is said. */
    public static final class TamperedOrWrongKey extends OpenPgpException {

        private static final long serialVersionUID = 1L;

        TamperedOrWrongKey() {
            super(
                    "The message was changed on its way, or the private key is not that of the certificate. Use nothing of"
                            + " it: check the key, and fetch the file again from its sender.",
                    null);
        }
    }

    /** The file ends before the message does. */
    public static final class Truncated extends OpenPgpException {

        private static final long serialVersionUID = 1L;

        Truncated() {
            super("The message ends too early. Fetch the whole file again and compare its length.", null);
        }
    }

    /** The signer is nobody who is trusted. */
    public static final class UntrustedSigner extends OpenPgpException {

        private static final long serialVersionUID = 1L;

        UntrustedSigner(int trusted) {
            super(
                    "The message's signer has none of the " + trusted
                            + " trusted certificate(s). If the sender has a new"
                            + " one, compare its fingerprint with him by another way and add it.",
                    null);
        }
    }

    /** The signature does not verify. */
    public static final class BadSignature extends OpenPgpException {

        private static final long serialVersionUID = 1L;

        BadSignature() {
            super(
                    "The signature in the message is wrong. Use nothing of it and tell its sender, by another way, that"
                            + " somebody encrypted content he did not sign.",
                    null);
        }
    }

    /** The private key, or the token that holds it, refused to work. */
    public static final class KeyUnavailable extends OpenPgpException {

        private static final long serialVersionUID = 1L;

        KeyUnavailable(String fingerprint, Throwable cause) {
            super(
                    "The private key of OpenPGP certificate " + fingerprint
                            + " could not be used. Check that its token is"
                            + " present, logged in, and allows the operation.",
                    cause);
        }
    }

    /** The file is not the one that was verified. */
    public static final class ChangedSinceVerified extends OpenPgpException {

        private static final long serialVersionUID = 1L;

        ChangedSinceVerified() {
            super(
                    "The file changed after it was verified. Undo what was done with its content, keep others from writing"
                            + " to it, and verify it again.",
                    null);
        }
    }
}
