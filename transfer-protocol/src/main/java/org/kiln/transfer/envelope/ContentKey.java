package org.kiln.transfer.envelope;

import java.io.IOException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.cms.IssuerAndSerialNumber;
import org.bouncycastle.asn1.cms.KeyAgreeRecipientIdentifier;
import org.bouncycastle.asn1.cms.KeyAgreeRecipientInfo;
import org.bouncycastle.asn1.cms.KeyTransRecipientInfo;
import org.bouncycastle.asn1.cms.RecipientEncryptedKey;
import org.bouncycastle.asn1.cms.RecipientIdentifier;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.X509CertificateHolder;
import org.jspecify.annotations.Nullable;

/**
 * Finds the recipient among an envelope's recipients and unwraps the content key with his private key.
 *
 * <p>A key that does not unwrap is answered by a random one: the content's tag then fails as it does for any other
 * change, and nobody learns which it was (RFC 3218 clause 2.3.2; Manger 2001).
 */
final class ContentKey {

    private final Identity recipient;
    private final X509CertificateHolder certificate;
    private int others;

    private ContentKey(Identity recipient) {
        this.recipient = recipient;
        this.certificate = Certificates.holder(recipient.certificate());
    }

    /**
     * The content key.
     *
     * @param recipientInfos the SET OF RecipientInfo
     * @return 32 octets, for the caller to wipe
     */
    static byte[] find(byte[] recipientInfos, Identity recipient) throws EnvelopeException {
        return Asn1.parse(
                "list of recipients", () -> new ContentKey(recipient).find(ASN1Set.getInstance(recipientInfos)));
    }

    static byte[] random() {
        byte[] key = new byte[Algorithms.CONTENT_KEY_OCTETS];
        new SecureRandom().nextBytes(key);
        return key;
    }

    private byte[] find(ASN1Set infos) throws IOException {
        boolean rsa = recipient.certificate().getPublicKey() instanceof RSAPublicKey;
        for (ASN1Encodable each : infos) {
            ASN1Encodable info = RecipientInfo.getInstance(each).getInfo();
            byte[] key = switch (info) {
                case KeyTransRecipientInfo transport when rsa -> transported(transport);
                case KeyAgreeRecipientInfo agreement when !rsa -> agreed(agreement);
                default -> other();
            };
            if (key != null) {
                return key;
            }
        }
        throw new EnvelopeException.NotForThisRecipient(Certificates.name(recipient.certificate()), others);
    }

    private byte @Nullable [] transported(KeyTransRecipientInfo info) throws EnvelopeException {
        RecipientIdentifier id = info.getRecipientIdentifier();
        boolean mine = id.isTagged()
                ? isSubjectKey(ASN1OctetString.getInstance(id.getId()))
                : isCertificate(IssuerAndSerialNumber.getInstance(id.getId()));
        return mine ? OaepTransport.unwrap(info, recipient) : other();
    }

    private byte @Nullable [] agreed(KeyAgreeRecipientInfo info) throws IOException {
        ASN1Sequence keys = info.getRecipientEncryptedKeys();
        for (ASN1Encodable each : keys) {
            RecipientEncryptedKey key = RecipientEncryptedKey.getInstance(each);
            KeyAgreeRecipientIdentifier id = key.getIdentifier();
            boolean mine = id.getIssuerAndSerialNumber() == null
                    ? isSubjectKey(id.getRKeyID().getSubjectKeyIdentifier())
                    : isCertificate(id.getIssuerAndSerialNumber());
            if (mine) {
                return EcdhAgreement.unwrap(info, key, recipient);
            }
            other();
        }
        return null;
    }

    private byte @Nullable [] other() {
        others++;
        return null;
    }

    private boolean isCertificate(IssuerAndSerialNumber id) {
        X509Certificate mine = recipient.certificate();
        return id.getSerialNumber().getValue().equals(mine.getSerialNumber())
                && id.getName().equals(certificate.getIssuer());
    }

    private boolean isSubjectKey(ASN1OctetString id) {
        Extension extension = certificate.getExtension(Extension.subjectKeyIdentifier);
        return extension != null
                && Arrays.equals(
                        SubjectKeyIdentifier.getInstance(extension.getParsedValue())
                                .getKeyIdentifier(),
                        id.getOctets());
    }
}
