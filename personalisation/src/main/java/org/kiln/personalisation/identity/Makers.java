package org.kiln.personalisation.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;

/**
 * Whose devices are taken. A chain is checked by PKIX (RFC 5280), with the maker's revocation lists where he has any: a file
 * that is missing or out of date refuses his devices. The device's id is the {@code serialNumber} of its certificate's
 * subject, as SGP.22 has the EID and IEEE 802.1AR a serial name.
 */
public final class Makers {

    private static final int LONGEST_CHAIN = 4;

    private final List<Maker> makers;
    private final InstantSource clock;

    public Makers(List<Maker> makers, InstantSource clock) {
        this.makers = List.copyOf(makers);
        this.clock = clock;
    }

    /**
     * A maker of devices.
     *
     * @param authority who certifies them
     * @param crl file of revocation lists, PEM or DER, of every authority in his chains; read for each check
     */
    public record Maker(String name, X509Certificate authority, Optional<Path> crl) {

        /** @throws IllegalArgumentException naming the file, if it is no certificate */
        public static Maker read(String name, Path authority, Optional<Path> crl) {
            try (var in = Files.newInputStream(authority)) {
                return new Maker(
                        name,
                        (X509Certificate)
                                CertificateFactory.getInstance("X.509").generateCertificate(in),
                        crl);
            } catch (IOException | GeneralSecurityException e) {
                throw new IllegalArgumentException(
                        "identities.makers: " + authority + " of '" + name + "' is no certificate: " + e.getMessage(),
                        e);
            }
        }
    }

    /**
     * Checks a device's certificates.
     *
     * @param pem the device's first
     * @param deviceId whose they must be
     * @throws IdentityException saying which check failed
     */
    Device check(String pem, String deviceId) {
        List<X509Certificate> chain = parse(pem);
        X509Certificate last = chain.getLast();
        Maker maker = makers.stream()
                .filter(each -> each.authority.getSubjectX500Principal().equals(last.getIssuerX500Principal()))
                .findFirst()
                .orElseThrow(() -> new IdentityException(
                        Refusal.MAKER_UNKNOWN, "no authority in identities.makers has issued the last certificate"));
        validate(chain, maker);
        Device device = new Device(serialNumber(chain.getFirst()), maker.name, chain.getFirst());
        if (!device.id().equals(deviceId)) {
            throw new IdentityException(
                    Refusal.DEVICE_ID_MISMATCH, "the certificate is not of device '" + deviceId + "'");
        }
        return device;
    }

    private List<X509Certificate> parse(String pem) {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))
                    .forEach(each -> chain.add((X509Certificate) each));
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new IdentityException(Refusal.CERTIFICATE_REFUSED, "certificates are no X.509 certificates in PEM");
        }
        chain.removeIf(each -> makers.stream().anyMatch(maker -> maker.authority.equals(each)));
        if (chain.isEmpty() || chain.size() > LONGEST_CHAIN) {
            throw new IdentityException(
                    Refusal.CERTIFICATE_REFUSED,
                    "certificates has 1 to " + LONGEST_CHAIN + ", the device's first, beside the maker's authority");
        }
        return chain;
    }

    private void validate(List<X509Certificate> chain, Maker maker) {
        try {
            CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(chain);
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(maker.authority, null)));
            parameters.setDate(Date.from(clock.instant()));
            parameters.setRevocationEnabled(maker.crl.isPresent());
            if (maker.crl.isPresent()) {
                parameters.addCertStore(CertStore.getInstance("Collection", lists(maker.name, maker.crl.get())));
            }
            CertPathValidator.getInstance("PKIX").validate(path, parameters);
        } catch (CertPathValidatorException e) {
            throw refused(e, maker.name);
        } catch (GeneralSecurityException e) {
            throw new IdentityException(Refusal.CERTIFICATE_REFUSED, "the chain cannot be checked: " + e.getMessage());
        }
    }

    private static CollectionCertStoreParameters lists(String maker, Path file) throws GeneralSecurityException {
        try (var in = Files.newInputStream(file)) {
            return new CollectionCertStoreParameters(
                    CertificateFactory.getInstance("X.509").generateCRLs(in));
        } catch (IOException e) {
            throw new IdentityException(
                    Refusal.REVOCATION_UNKNOWN, "the revocation lists of '" + maker + "' cannot be read: " + file);
        }
    }

    private static IdentityException refused(CertPathValidatorException e, String maker) {
        CertPathValidatorException.Reason reason = e.getReason();
        if (reason == BasicReason.EXPIRED || reason == BasicReason.NOT_YET_VALID) {
            return new IdentityException(Refusal.CERTIFICATE_EXPIRED, "a certificate of the chain is not valid now");
        }
        if (reason == BasicReason.REVOKED) {
            return new IdentityException(
                    Refusal.CERTIFICATE_REVOKED, "'" + maker + "' has revoked a certificate of the chain");
        }
        if (reason == BasicReason.UNDETERMINED_REVOCATION_STATUS) {
            return new IdentityException(
                    Refusal.REVOCATION_UNKNOWN,
                    "the revocation lists of '" + maker + "' are out of date or lack an authority of the chain");
        }
        return reason == BasicReason.INVALID_SIGNATURE
                ? new IdentityException(
                        Refusal.MAKER_UNKNOWN, "a certificate of the chain is not signed by the one that follows it")
                : new IdentityException(Refusal.CERTIFICATE_REFUSED, "the chain is no good: " + e.getMessage());
    }

    private static String serialNumber(X509Certificate certificate) {
        RDN[] names = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded())
                .getRDNs(BCStyle.SERIALNUMBER);
        if (names.length != 1) {
            throw new IdentityException(
                    Refusal.DEVICE_ID_MISMATCH, "the device's certificate has no serialNumber in its subject");
        }
        return names[0].getFirst().getValue().toString();
    }
}
