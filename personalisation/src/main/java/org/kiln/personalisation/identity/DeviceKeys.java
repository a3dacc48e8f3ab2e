package org.kiln.personalisation.identity;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;

/** What a device's keys are used for: its signatures are checked, and its credential is wrapped. */
final class DeviceKeys {

    private static final int DIGITAL_SIGNATURE = 0;
    private static final int KEY_ENCIPHERMENT = 2;
    private static final int KEY_AGREEMENT = 4;

    private DeviceKeys() {}

    /**
     * Checks a signature: ECDSA with SHA-256 in DER, or RSA with SHA-256 (PKCS#1 v1.5).
     *
     * @param signature Base64
     * @throws IdentityException if it is not the device's over {@code statement}
     */
    static void requireSignature(Device device, byte[] statement, String signature) {
        requireUsage(device.certificate(), DIGITAL_SIGNATURE, "digitalSignature");
        String algorithm = switch (device.key()) {
            case ECPublicKey _ -> "SHA256withECDSA";
            case RSAPublicKey _ -> "SHA256withRSA";
            default ->
                throw new IdentityException(
                        Refusal.CERTIFICATE_REFUSED, "the device signs with an EC or an RSA key, not this one");
        };
        boolean good;
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(device.key());
            verifier.update(statement);
            good = verifier.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            good = false;
        }
        if (!good) {
            throw new IdentityException(
                    Refusal.SIGNATURE_REFUSED, "the signature is not that of device '" + device.id() + "' over this");
        }
    }

    /**
     * The key that the credential is wrapped for.
     *
     * @param agreementKey a key of its own that the device has signed, or null for its certificate's
     */
    static PublicKey wrappingKey(Device device, @Nullable String agreementKey) {
        if (agreementKey == null) {
            boolean rsa = device.key() instanceof RSAPublicKey;
            requireUsage(
                    device.certificate(),
                    rsa ? KEY_ENCIPHERMENT : KEY_AGREEMENT,
                    rsa ? "keyEncipherment" : "keyAgreement");
            return device.key();
        }
        try {
            return new JcaPEMKeyConverter()
                    .getPublicKey(
                            SubjectPublicKeyInfo.getInstance(Base64.getDecoder().decode(agreementKey)));
        } catch (PEMException | RuntimeException e) {
            throw new IdentityException(
                    Refusal.ONE_TIME_KEY_REFUSED, "agreementKey is no SubjectPublicKeyInfo of P-256, X25519 or RSA");
        }
    }

    /** A certificate without the extension may do everything (RFC 5280 clause 4.2.1.3). */
    private static void requireUsage(X509Certificate certificate, int usage, String name) {
        boolean[] usages = certificate.getKeyUsage();
        if (usages != null && !usages[usage]) {
            throw new IdentityException(Refusal.CERTIFICATE_REFUSED, "the device's certificate does not allow " + name);
        }
    }
}
