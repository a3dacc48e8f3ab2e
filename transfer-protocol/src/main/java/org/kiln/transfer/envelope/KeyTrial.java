package org.kiln.transfer.envelope;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.security.Signature;
import java.security.SignatureException;

/** Signs a fixed text and verifies it, to find a key that is not its certificate's before a file is made with it. */
final class KeyTrial {

    private static final byte[] TEXT = "Kiln signing key trial".getBytes(StandardCharsets.US_ASCII);

    private KeyTrial() {}

    static void run(Identity signer) throws EnvelopeException {
        try {
            Signature signing = Signature.getInstance(Algorithms.SIGNATURE, signer.providerOrDefault());
            signing.initSign(signer.key());
            signing.update(TEXT);
            Signature verifying = Signature.getInstance(Algorithms.SIGNATURE, Algorithms.PROVIDER);
            verifying.initVerify(signer.certificate().getPublicKey());
            verifying.update(TEXT);
            if (!verifying.verify(signing.sign())) {
                throw new SignatureException("the key is not that of the certificate");
            }
        } catch (GeneralSecurityException | ProviderException e) {
            throw new EnvelopeException.KeyUnavailable(Certificates.name(signer.certificate()), e);
        }
    }
}
