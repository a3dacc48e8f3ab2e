package org.kiln.transfer.envelope;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.SignerId;

/** Finds the certificate a signature names, among those that are trusted. */
final class SignerCheck {

    private SignerCheck() {}

    /** The signer's certificate; whether it is in its time is for the caller to check. */
    static X509Certificate find(SignerTrust trust, SignerId id, Collection<X509CertificateHolder> enclosed, Instant now)
            throws EnvelopeException {
        return switch (trust) {
            case SignerTrust.Pinned(Set<X509Certificate> signers) -> pinned(signers, id);
            case SignerTrust.IssuedBy(Set<X509Certificate> authorities) -> issued(authorities, id, enclosed, now);
        };
    }

    private static X509Certificate pinned(Set<X509Certificate> signers, SignerId id) throws EnvelopeException {
        return signers.stream()
                .filter(signer -> id.match(Certificates.holder(signer)))
                .findFirst()
                .orElseThrow(() -> new EnvelopeException.UntrustedSigner(
                        "it is none of the " + signers.size() + " pinned certificate(s)"));
    }

    private static X509Certificate issued(
            Set<X509Certificate> authorities, SignerId id, Collection<X509CertificateHolder> enclosed, Instant now)
            throws EnvelopeException {
        List<X509Certificate> certificates = certificates(enclosed);
        X509Certificate signer = certificates.stream()
                .filter(certificate -> id.match(Certificates.holder(certificate)))
                .findFirst()
                .orElseThrow(
                        () -> new EnvelopeException.UntrustedSigner("the envelope does not enclose its certificate"));
        try {
            buildPath(authorities, certificates, signer, now);
            return signer;
        } catch (GeneralSecurityException e) {
            throw new EnvelopeException.UntrustedSigner(
                    "none of the " + authorities.size() + " trusted authority certificate(s) stands behind it");
        }
    }

    /** An expired signer is judged at the end of his time, so that expiry is told apart from lack of trust. */
    private static void buildPath(
            Set<X509Certificate> authorities, List<X509Certificate> enclosed, X509Certificate signer, Instant now)
            throws GeneralSecurityException {
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(signer);
        Set<TrustAnchor> anchors =
                authorities.stream().map(ca -> new TrustAnchor(ca, null)).collect(Collectors.toSet());
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(within(signer, now)));
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(enclosed)));
        CertPathBuilder.getInstance("PKIX", "SUN").build(parameters);
    }

    private static Instant within(X509Certificate signer, Instant now) {
        Instant from = signer.getNotBefore().toInstant();
        Instant to = signer.getNotAfter().toInstant();
        if (now.isAfter(to)) {
            return to;
        }
        return now.isBefore(from) ? from : now;
    }

    private static List<X509Certificate> certificates(Collection<X509CertificateHolder> enclosed)
            throws EnvelopeException {
        JcaX509CertificateConverter converter = new JcaX509CertificateConverter().setProvider(Algorithms.PROVIDER);
        List<X509Certificate> certificates = new ArrayList<>();
        for (X509CertificateHolder each : enclosed) {
            try {
                certificates.add(converter.getCertificate(each));
            } catch (CertificateException e) {
                throw new EnvelopeException.NotCms("an enclosed certificate cannot be read", e);
            }
        }
        return certificates;
    }
}
