package org.kiln.transfer.envelope;

import java.io.IOException;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Locale;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;

/** Questions to certificates. */
final class Certificates {

    static final int DIGITAL_SIGNATURE = 0;
    static final int KEY_ENCIPHERMENT = 2;
    static final int KEY_AGREEMENT = 4;

    private static final int MIN_RSA_BITS = 2048;

    private Certificates() {}

    /** Serial number and issuer, the way both sides can look a certificate up. */
    static String name(X509Certificate certificate) {
        return certificate.getSerialNumber().toString(16).toUpperCase(Locale.ROOT) + " of "
                + certificate.getIssuerX500Principal().getName();
    }

    static X509CertificateHolder holder(X509Certificate certificate) {
        try {
            return new X509CertificateHolder(certificate.getEncoded());
        } catch (CertificateEncodingException | IOException e) {
            throw new IllegalArgumentException("certificate without encoding", e);
        }
    }

    static void requireValid(X509Certificate certificate, Instant now) throws EnvelopeException {
        Instant from = certificate.getNotBefore().toInstant();
        Instant to = certificate.getNotAfter().toInstant();
        if (now.isBefore(from) || now.isAfter(to)) {
            throw new EnvelopeException.CertificateExpired(name(certificate), from, to, now);
        }
    }

    /** A certificate without the key usage extension may do everything (RFC 5280 clause 4.2.1.3). */
    static void requireUsage(X509Certificate certificate, int usage, String usageName) throws EnvelopeException {
        boolean[] usages = certificate.getKeyUsage();
        if (usages != null && !usages[usage]) {
            throw new EnvelopeException.UnfitCertificate(
                    name(certificate), "does not allow " + usageName, "that key usage");
        }
    }

    static void requireP256(X509Certificate certificate, String part) throws EnvelopeException {
        if (!isP256(certificate.getPublicKey())) {
            throw new EnvelopeException.UnfitCertificate(
                    name(certificate), "has no EC P-256 key, which " + part + " needs", "an EC P-256 key");
        }
    }

    static void requireFitRecipient(X509Certificate certificate) throws EnvelopeException {
        if (certificate.getPublicKey() instanceof RSAPublicKey rsa) {
            if (rsa.getModulus().bitLength() < MIN_RSA_BITS) {
                throw new EnvelopeException.UnfitCertificate(
                        name(certificate), "has a short RSA key", "at least " + MIN_RSA_BITS + " bits");
            }
            requireUsage(certificate, KEY_ENCIPHERMENT, "keyEncipherment");
        } else {
            requireP256(certificate, "a recipient without an RSA key");
            requireUsage(certificate, KEY_AGREEMENT, "keyAgreement");
        }
    }

    private static boolean isP256(PublicKey key) {
        return key instanceof ECPublicKey
                && SECObjectIdentifiers.secp256r1.equals(SubjectPublicKeyInfo.getInstance(key.getEncoded())
                        .getAlgorithm()
                        .getParameters());
    }
}
