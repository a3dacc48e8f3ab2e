package org.kiln.transfer.envelope;

import java.security.cert.X509Certificate;

/** A file {@link Opener#verify} found good. Only an Opener makes one, so holding one means the check was made. */
public final class VerifiedEnvelope {

    private final X509Certificate signer;
    private final String sha256;

    VerifiedEnvelope(X509Certificate signer, String sha256) {
        this.signer = signer;
        this.sha256 = sha256;
    }

    /** Who signed the content. */
    public X509Certificate signer() {
        return signer;
    }

    /** SHA-256 of the file: 64 lower-case hexadecimal digits. */
    public String sha256() {
        return sha256;
    }

    @Override
    public String toString() {
        return "VerifiedEnvelope[signer=" + Certificates.name(signer) + ", sha256=" + sha256 + "]";
    }
}
