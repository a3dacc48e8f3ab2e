package org.kiln.transfer.envelope;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;

/** Verifies what {@link DocumentSigner} signed. */
public final class DocumentVerifier {

    private DocumentVerifier() {}

    /** A document and who signed it. */
    public record Document(byte[] content, X509Certificate signer) {}

    /**
     * Verifies a document.
     *
     * @param file binary CMS, small enough to be in memory
     * @throws EnvelopeException if it is no CMS, the signature is wrong, or the signer not trusted; each kind says what to do
     */
    public static Document verify(byte[] file, SignerTrust trust, InstantSource clock) throws IOException {
        SignedContent signed = new SignedContent(new ByteArrayInputStream(file));
        byte[] content = signed.content().readAllBytes();
        return new Document(content, signed.signature().verify(trust, clock.instant()));
    }
}
