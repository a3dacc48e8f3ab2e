package org.kiln.kms.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Date;
import java.util.Locale;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.pkcs11.Mechanism;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.keyblock.TransportKeyFile;

/** A partner's RSA public key as he sent it. */
record PartnerKey(Path file, RSAPublicKey key) {

    /**
     * Reads a public key or a certificate in PEM.
     *
     * @throws ConfigurationException if it is neither, holds no RSA key, or the certificate is not valid {@code now}
     */
    static PartnerKey read(Path file, Instant now) throws IOException {
        try (Reader reader = Files.newBufferedReader(file);
                PEMParser parser = new PEMParser(reader)) {
            SubjectPublicKeyInfo info = switch (parser.readObject()) {
                case SubjectPublicKeyInfo plain -> plain;
                case X509CertificateHolder certificate -> {
                    if (!certificate.isValidOn(Date.from(now))) {
                        throw new ConfigurationException(
                                "the certificate in " + file + " is valid from " + certificate.getNotBefore() + " to "
                                        + certificate.getNotAfter() + " only; ask the partner for a new one");
                    }
                    yield certificate.getSubjectPublicKeyInfo();
                }
                case null, default -> throw none(file);
            };
            if (new JcaPEMKeyConverter().getPublicKey(info) instanceof RSAPublicKey key) {
                return new PartnerKey(file, key);
            }
            throw none(file);
        }
    }

    private static ConfigurationException none(Path file) {
        return new ConfigurationException(file + " holds no RSA public key or certificate in PEM");
    }

    String fingerprint() {
        return TransportKeyFile.fingerprint(key);
    }

    /** @throws ConfigurationException if the partner told another */
    void requireFingerprint(@Nullable String told) {
        if (told != null && !told.replace(":", "").toLowerCase(Locale.ROOT).equals(fingerprint())) {
            throw new ConfigurationException("the key in " + file + " has the fingerprint " + fingerprint() + ", not "
                    + told + ": it is not the partner's, or he told it wrongly");
        }
    }

    /** How a token of this profile wraps under it. */
    TransportKeyFile.Wrapping wrapping(TokenProfile profile) {
        return profile.oaep().equals(Mechanism.oaepSha256())
                ? TransportKeyFile.Wrapping.RSA_OAEP_SHA256
                : TransportKeyFile.Wrapping.RSA_OAEP_SHA1;
    }
}
