package org.kiln.transfer.envelope;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.interfaces.RSAPublicKey;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.NoSuchPaddingException;
import org.bouncycastle.asn1.cms.KeyTransRecipientInfo;

/** Key transport by RSA-OAEP (RFC 4055, RFC 8017 clause 7.1). */
final class OaepTransport {

    private static final String OAEP = "RSA/ECB/OAEPWithSHA-256AndMGF1Padding";

    private OaepTransport() {}

    static byte[] unwrap(KeyTransRecipientInfo info, Identity recipient) throws EnvelopeException {
        if (!Algorithms.isOaep(info.getKeyEncryptionAlgorithm())) {
            throw new EnvelopeException.UnsupportedAlgorithm(
                    "RSA key transport " + info.getKeyEncryptionAlgorithm().getAlgorithm() + " with other parameters",
                    "RSA-OAEP with SHA-256 and MGF1 with SHA-256");
        }
        byte[] encrypted = info.getEncryptedKey().getOctets();
        if (!fits(encrypted, recipient)) {
            return ContentKey.random();
        }
        try {
            byte[] key = decrypt(encrypted, recipient);
            return key.length == Algorithms.CONTENT_KEY_OCTETS ? key : ContentKey.random();
        } catch (BadPaddingException | IllegalBlockSizeException e) {
            return ContentKey.random();
        } catch (GeneralSecurityException | ProviderException e) {
            throw new EnvelopeException.KeyUnavailable(Certificates.name(recipient.certificate()), e);
        } catch (RuntimeException e) {
            return ContentKey.random();
        }
    }

    private static boolean fits(byte[] encrypted, Identity recipient) {
        BigInteger modulus = ((RSAPublicKey) recipient.certificate().getPublicKey()).getModulus();
        return encrypted.length == (modulus.bitLength() + 7) / 8 && new BigInteger(1, encrypted).compareTo(modulus) < 0;
    }

    /** In the provider where it knows OAEP; else the private-key operation there and the padding here (SunPKCS11). */
    private static byte[] decrypt(byte[] encrypted, Identity recipient) throws GeneralSecurityException {
        Provider provider = recipient.providerOrDefault();
        Cipher cipher;
        try {
            cipher = Cipher.getInstance(OAEP, provider);
        } catch (NoSuchAlgorithmException | NoSuchPaddingException e) {
            return RawRsaOaep.decrypt(encrypted, recipient);
        }
        cipher.init(Cipher.DECRYPT_MODE, recipient.key(), Algorithms.OAEP);
        return cipher.doFinal(encrypted);
    }
}
