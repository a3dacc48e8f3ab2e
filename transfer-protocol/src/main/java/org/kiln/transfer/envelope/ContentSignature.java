package org.kiln.transfer.envelope;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DLSequence;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSVerifierCertificateNotValidException;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.jspecify.annotations.Nullable;

/** A signature read from SignedData, with the digest of the content it is to cover. Nothing in it is checked yet. */
final class ContentSignature {

    private static final ASN1Integer VERSION = new ASN1Integer(1);

    private final byte[] digest;
    private final byte[] digestAlgorithms;
    private final byte @Nullable [] certificates;
    private final byte[] signers;

    ContentSignature(byte[] digest, byte[] digestAlgorithms, byte @Nullable [] certificates, byte[] signers) {
        this.digest = digest;
        this.digestAlgorithms = digestAlgorithms;
        this.certificates = certificates;
        this.signers = signers;
    }

    /**
     * Checks who signed, that he may, that his certificate is in its time, and the signature.
     *
     * @return the signer's certificate
     */
    X509Certificate verify(SignerTrust trust, Instant now) throws EnvelopeException {
        CMSSignedData signed = Asn1.parse("signature", this::detached);
        SignerInformation signer = Asn1.parse("signature", () -> onlySigner(signed));
        X509Certificate certificate = Asn1.parse("signer's certificate", () -> {
            X509Certificate found = SignerCheck.find(
                    trust, signer.getSID(), signed.getCertificates().getMatches(null), now);
            Certificates.requireUsage(found, Certificates.DIGITAL_SIGNATURE, "digitalSignature");
            Certificates.requireP256(found, "a signer");
            Certificates.requireValid(found, now);
            return found;
        });
        if (!isSigned(signer, certificate, now)) {
            throw new EnvelopeException.BadSignature();
        }
        return certificate;
    }

    /** The SignedData again, without content: small enough for Bouncy Castle to check as a whole. */
    private CMSSignedData detached() throws EnvelopeException {
        ASN1EncodableVector parts = new ASN1EncodableVector();
        parts.add(VERSION);
        parts.add(Asn1.primitive("digest algorithms", digestAlgorithms));
        parts.add(new DLSequence(CMSObjectIdentifiers.data));
        if (certificates != null) {
            parts.add(Asn1.primitive("certificates", certificates));
        }
        parts.add(Asn1.primitive("signature", signers));
        ContentInfo info = new ContentInfo(CMSObjectIdentifiers.signedData, new DLSequence(parts));
        try {
            return new CMSSignedData(Map.of(Algorithms.DIGEST, digest), info);
        } catch (CMSException e) {
            throw new EnvelopeException.NotCms("its signature cannot be read", e);
        }
    }

    private static SignerInformation onlySigner(CMSSignedData signed) throws EnvelopeException {
        Collection<SignerInformation> signers = signed.getSignerInfos().getSigners();
        if (signers.size() != 1) {
            throw new EnvelopeException.NotCms("it has " + signers.size() + " signatures, not one");
        }
        SignerInformation signer = signers.iterator().next();
        if (!Algorithms.DIGEST.equals(signer.getDigestAlgorithmID().getAlgorithm())
                || !X9ObjectIdentifiers.ecdsa_with_SHA256.getId().equals(signer.getEncryptionAlgOID())
                || signer.getSignedAttributes() == null) {
            throw new EnvelopeException.UnsupportedAlgorithm(
                    "signature algorithm " + signer.getEncryptionAlgOID() + " or no signed attributes",
                    "ECDSA with SHA-256 over signed attributes");
        }
        return signer;
    }

    private static boolean isSigned(SignerInformation signer, X509Certificate certificate, Instant now)
            throws EnvelopeException {
        try {
            return signer.verify(new JcaSimpleSignerInfoVerifierBuilder()
                    .setProvider(Algorithms.PROVIDER)
                    .build(certificate));
        } catch (CMSVerifierCertificateNotValidException e) {
            throw new EnvelopeException.CertificateExpired(
                    Certificates.name(certificate),
                    certificate.getNotBefore().toInstant(),
                    certificate.getNotAfter().toInstant(),
                    now);
        } catch (CMSException | OperatorCreationException | RuntimeException e) {
            return false;
        }
    }
}
