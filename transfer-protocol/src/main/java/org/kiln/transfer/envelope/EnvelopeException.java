package org.kiln.transfer.envelope;

import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An envelope that cannot be sealed or opened, and what to do next. Faults of the disk or network below stay plain
 * {@link IOException}s.
 */
public abstract sealed class EnvelopeException extends IOException {

    private static final long serialVersionUID = 1L;

    private EnvelopeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The file is no binary CMS AuthEnvelopedData, or what is inside is no SignedData. */
    public static final class NotCms extends EnvelopeException {

        private static final long serialVersionUID = 1L;

        NotCms(String fault, @Nullable Throwable cause) {
            super(
                    "This is no CMS file that Kiln can read: " + fault
                            + ". Check that the file is the envelope itself, in binary form, and was not converted.",
                    cause);
        }

        NotCms(String fault) {
            this(fault, null);
        }
    }

    /** The file is CMS, with an algorithm Kiln does not accept. */
    public static final class UnsupportedAlgorithm extends EnvelopeException {

        private static final long serialVersionUID = 1L;

        UnsupportedAlgorithm(String found, String accepted) {
            super("The envelope uses " + found + ". Ask its sender to use " + accepted + ".", null);
        }
    }

    /** None of the file's recipients is this certificate. */
    public static final class NotForThisRecipient extends EnvelopeException {

        private static final long serialVersionUID = 1L;

        NotForThisRecipient(String certificate, int recipients) {
            super(
                    "The envelope is not addressed to " + certificate + "; it has " + recipients
                            + " other recipient(s). Open it with the certificate it was sealed to, or ask its sender to"
                            + " seal it to this one.",
                    null);
        }
    }

    /** The authentication tag does not fit: deliberately no more is said, and no cause is kept. */
    public static final class TamperedOrWrongKey extends EnvelopeException {

        private static final long serialVersionUID = 1L;

        TamperedOrWrongKey() {
            super(
                    "The envelope was changed on its way, or the private key is not that of the certificate. Use nothing"
                            + " of it: check the key, and fetch the file again from its sender.",
                    null);
        }
    }

    /** The file ends before the envelope does. */
    public static final class Truncated extends EnvelopeException {

        private static final long serialVersionUID = 1L;

        Truncated() {
            super("The envelope ends too early. Fetch the whole file again and compare its length.", null);
        }
    }

    /** The signer is nobody this opener trusts. */
    public static final class UntrustedSigner extends EnvelopeException {

        private static final long serialVersionUID = 1L;

        UntrustedSigner(String fault) {
            super(
                    "The envelope's signer is not trusted: " + fault
                            + ". If the sender has a new certificate, verify it with him by another way and add it.",
                    null);
        }
    }

    /** The signature over the content does not verify. */
    public static final class BadSignature extends EnvelopeException {

        private static final long serialVersionUID = 1L;

        BadSignature() {
            super(
                    "The signature in the envelope is wrong. Use nothing of it and tell its sender, by another way, that"
                            + " somebody sealed content he did not sign.",
                    null);
        }
    }

    /** A certificate is used outside its time. */
    public static final class CertificateExpired extends EnvelopeException {

        private static final long serialVersionUID = 1L;

        CertificateExpired(String certificate, Instant notBefore, Instant notAfter, Instant now) {
            super(
                    "Certificate " + certificate + " is valid from " + notBefore + " to " + notAfter + " and it is "
                            + now + ". Check the clock, or get a renewed certificate from its owner.",
                    null);
        }
    }

    /** A certificate that cannot play the part it was given. */
    public static final class UnfitCertificate extends EnvelopeException {

        private static final long serialVersionUID = 1L;

        UnfitCertificate(String certificate, String fault, String needed) {
            super("Certificate " + certificate + " " + fault + ". Use one with " + needed + ".", null);
        }
    }

    /** The private key, or the token that holds it, refused to work. */
    public static final class KeyUnavailable extends EnvelopeException {

        private static final long serialVersionUID = 1L;

        KeyUnavailable(String certificate, Throwable cause) {
            super(
                    "The private key of certificate " + certificate
                            + " could not be used. Check that its token is present,"
                            + " logged in, and allows the operation.",
                    cause);
        }
    }

    /** The file is not the one that was verified. */
    public static final class ChangedSinceVerified extends EnvelopeException {

        private static final long serialVersionUID = 1L;

        ChangedSinceVerified() {
            super(
                    "The file changed after it was verified. Undo what was done with its content, keep others from"
                            + " writing to it, and verify it again.",
                    null);
        }
    }
}
