package org.kiln.transfer.envelope;

import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/**
 * Somebody's private key and certificate.
 *
 * @param key the key, or a handle of it in a token
 * @param certificate its certificate
 * @param provider the JCA provider that can use the key; null for a key in memory
 */
public record Identity(
        PrivateKey key,
        X509Certificate certificate,
        @Nullable Provider provider) {

    /** An identity whose key is in memory. */
    public static Identity inMemory(PrivateKey key, X509Certificate certificate) {
        return new Identity(key, certificate, null);
    }

    Provider providerOrDefault() {
        return provider == null ? Algorithms.PROVIDER : provider;
    }

    /** The certificate's serial number and issuer; nothing of the key. */
    @Override
    public String toString() {
        return "Identity[" + Certificates.name(certificate) + "]";
    }
}
