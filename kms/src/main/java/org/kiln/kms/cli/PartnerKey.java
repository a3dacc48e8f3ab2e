package org.kiln.kms.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.Locale;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.AgreedTransportKeys;
import org.kiln.kms.keys.Ceremony;
import org.kiln.kms.keys.Curve;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.TransportKeys;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.pkcs11.Mechanism;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.keyblock.TransportKeyFile;

/** A partner's public key as he sent it: RSA, or on a curve of key agreement. */
record PartnerKey(Path file, PublicKey key) {

    /**
     * Reads a public key or a certificate in PEM.
     *
     * @throws ConfigurationException if it is neither, holds a key of another algorithm, or the certificate is not valid {@code now}
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
            PublicKey key = new JcaPEMKeyConverter().getPublicKey(info);
            if (!(key instanceof RSAPublicKey)) {
                Curve.of(key);
            }
            return new PartnerKey(file, key);
        }
    }

    private static ConfigurationException none(Path file) {
        return new ConfigurationException(file + " holds no public key or certificate in PEM");
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

    /** Makes a transport key that leaves in the token and wraps it for the partner, as his key allows. */
    TransportKeyFile export(Ceremony ceremony, String label, Direction direction, int octets, String from, String to) {
        return switch (key) {
            case RSAPublicKey rsa -> {
                TransportKeys.Exported made = new TransportKeys(ceremony).generateFor(label, direction, octets, rsa);
                yield file(label, octets, from, to, made.kcv(), oaep(ceremony.profile()), null, made.wrapped());
            }
            default -> {
                AgreedTransportKeys.Exported made =
                        new AgreedTransportKeys(ceremony).generateFor(label, direction, octets, key);
                yield file(label, octets, from, to, made.kcv(), made.wrapping(), made.ephemeralKey(), made.wrapped());
            }
        };
    }

    private TransportKeyFile file(
            String label,
            int octets,
            String from,
            String to,
            Kcv kcv,
            TransportKeyFile.Wrapping wrapping,
            byte @Nullable [] ephemeralKey,
            byte[] wrapped) {
        HexFormat hex = HexFormat.of();
        return new TransportKeyFile(
                wrapping.agreed() ? TransportKeyFile.AGREED_FORMAT : TransportKeyFile.FORMAT,
                label,
                from,
                to,
                TransportKeyFile.algorithm(octets),
                kcv.zeroBlock(),
                kcv.cmac(),
                wrapping,
                fingerprint(),
                ephemeralKey == null ? null : hex.formatHex(ephemeralKey),
                hex.formatHex(wrapped));
    }

    private static TransportKeyFile.Wrapping oaep(TokenProfile profile) {
        return profile.oaep().equals(Mechanism.oaepSha256())
                ? TransportKeyFile.Wrapping.RSA_OAEP_SHA256
                : TransportKeyFile.Wrapping.RSA_OAEP_SHA1;
    }
}
