package org.kiln.transfer.openpgp;

/** A file {@link PgpOpener#verify} found good. Only it makes one, so holding one means the check was made. */
public final class VerifiedMessage {

    private final PgpCertificate signer;
    private final String sha256;

    VerifiedMessage(PgpCertificate signer, String sha256) {
        this.signer = signer;
        this.sha256 = sha256;
    }

    /** Who signed the content. */
    public PgpCertificate signer() {
        return signer;
    }

    /** SHA-256 of the file: 64 lower-case hexadecimal digits. */
    public String sha256() {
        return sha256;
    }

    @Override
    public String toString() {
        return "VerifiedMessage[signer=" + signer.fingerprint() + ", sha256=" + sha256 + "]";
    }
}
