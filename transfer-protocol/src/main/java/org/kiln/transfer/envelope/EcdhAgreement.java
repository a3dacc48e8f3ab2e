package org.kiln.transfer.envelope;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.KeyAgreement;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.cms.KeyAgreeRecipientInfo;
import org.bouncycastle.asn1.cms.OriginatorPublicKey;
import org.bouncycastle.asn1.cms.RecipientEncryptedKey;
import org.bouncycastle.asn1.cms.ecc.ECCCMSSharedInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.engines.AESWrapEngine;
import org.bouncycastle.crypto.generators.KDF2BytesGenerator;
import org.bouncycastle.crypto.params.KDFParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * Key agreement by ephemeral-static ECDH over P-256 (RFC 5753 clause 3.1). The private key's provider computes the shared
 * secret and nothing else; the X9.63 KDF and the key unwrapping (RFC 3394) are done here, since tokens seldom offer them.
 */
final class EcdhAgreement {

    private static final int KEK_OCTETS = 32;
    private static final AlgorithmIdentifier P256 =
            new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, SECObjectIdentifiers.secp256r1);

    private EcdhAgreement() {}

    static byte[] unwrap(KeyAgreeRecipientInfo info, RecipientEncryptedKey encrypted, Identity recipient)
            throws IOException {
        AlgorithmIdentifier wrap = keyWrap(info.getKeyEncryptionAlgorithm());
        OriginatorPublicKey originator = info.getOriginator().getOriginatorKey();
        if (originator == null) {
            throw new EnvelopeException.UnsupportedAlgorithm(
                    "ECDH with the sender's static key", "ephemeral-static ECDH");
        }
        byte[] point = originator.getPublicKeyData().getOctets();
        ASN1OctetString ukm = info.getUserKeyingMaterial();
        byte[] sharedInfo = new ECCCMSSharedInfo(wrap, ukm == null ? null : ukm.getOctets(), suppPubInfo())
                .getEncoded(ASN1Encoding.DER);
        Optional<PublicKey> sender = publicKey(point);
        if (sender.isEmpty()) {
            return ContentKey.random();
        }
        byte[] secret = agree(sender.get(), recipient);
        byte[] kek = new byte[KEK_OCTETS];
        try {
            KDF2BytesGenerator kdf = new KDF2BytesGenerator(new SHA256Digest());
            kdf.init(new KDFParameters(secret, sharedInfo));
            kdf.generateBytes(kek, 0, kek.length);
            return unwrap(kek, encrypted.getEncryptedKey().getOctets());
        } finally {
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(kek, (byte) 0);
        }
    }

    private static AlgorithmIdentifier keyWrap(AlgorithmIdentifier agreement) throws EnvelopeException {
        AlgorithmIdentifier wrap = AlgorithmIdentifier.getInstance(agreement.getParameters());
        if (!Algorithms.KEY_AGREEMENT.equals(agreement.getAlgorithm())
                || wrap == null
                || !Algorithms.KEY_WRAP.equals(wrap.getAlgorithm())) {
            throw new EnvelopeException.UnsupportedAlgorithm(
                    "key agreement " + agreement.getAlgorithm() + " or another key wrap",
                    "dhSinglePass-stdDH-sha256kdf with AES-256 key wrap");
        }
        return wrap;
    }

    /** Bits of the key-encryption key, big-endian (RFC 5753 clause 7.2). */
    private static byte[] suppPubInfo() {
        return new byte[] {0, 0, (KEK_OCTETS * Byte.SIZE) >> 8, 0};
    }

    /** Decoding checks that the point is on the curve. */
    private static Optional<PublicKey> publicKey(byte[] point) {
        try {
            return Optional.of(KeyFactory.getInstance("EC", Algorithms.PROVIDER)
                    .generatePublic(new X509EncodedKeySpec(new SubjectPublicKeyInfo(P256, point).getEncoded())));
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static byte[] agree(PublicKey sender, Identity recipient) throws EnvelopeException {
        try {
            KeyAgreement agreement = KeyAgreement.getInstance("ECDH", recipient.providerOrDefault());
            agreement.init(recipient.key());
            agreement.doPhase(sender, true);
            return agreement.generateSecret();
        } catch (GeneralSecurityException | ProviderException e) {
            throw new EnvelopeException.KeyUnavailable(Certificates.name(recipient.certificate()), e);
        }
    }

    private static byte[] unwrap(byte[] kek, byte[] encrypted) {
        try {
            AESWrapEngine engine = new AESWrapEngine();
            engine.init(false, new KeyParameter(kek));
            byte[] key = engine.unwrap(encrypted, 0, encrypted.length);
            return key.length == Algorithms.CONTENT_KEY_OCTETS ? key : ContentKey.random();
        } catch (InvalidCipherTextException | RuntimeException e) {
            return ContentKey.random();
        }
    }
}
