package org.kiln.transfer.envelope;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.spec.MGF1ParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAESOAEPparams;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** The one algorithm for each purpose, and the provider of those that need no token. */
final class Algorithms {

    /** Never registered with {@link java.security.Security}: the rest of the process keeps its own order. */
    static final Provider PROVIDER = new BouncyCastleProvider();

    static final String SIGNATURE = "SHA256withECDSA";
    static final int CONTENT_KEY_OCTETS = 32;
    static final int NONCE_OCTETS = 12;
    static final int TAG_OCTETS = 16;

    static final ASN1ObjectIdentifier CONTENT_ENCRYPTION = NISTObjectIdentifiers.id_aes256_GCM;
    static final ASN1ObjectIdentifier KEY_TRANSPORT = PKCSObjectIdentifiers.id_RSAES_OAEP;
    static final ASN1ObjectIdentifier KEY_AGREEMENT = SECObjectIdentifiers.dhSinglePass_stdDH_sha256kdf_scheme;
    static final ASN1ObjectIdentifier KEY_WRAP = NISTObjectIdentifiers.id_aes256_wrap;
    static final ASN1ObjectIdentifier DIGEST = NISTObjectIdentifiers.id_sha256;

    static final OAEPParameterSpec OAEP =
            new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);

    private static final AlgorithmIdentifier SHA256 = new AlgorithmIdentifier(DIGEST, DERNull.INSTANCE);

    /** {@link #OAEP} as RFC 4055 writes it. */
    static final AlgorithmIdentifier OAEP_IDENTIFIER = new AlgorithmIdentifier(
            KEY_TRANSPORT,
            new RSAESOAEPparams(
                    SHA256,
                    new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, SHA256),
                    RSAESOAEPparams.DEFAULT_P_SOURCE_ALGORITHM));

    private Algorithms() {}

    /** Whether {@code found} means {@link #OAEP}, however its defaults are written. */
    static boolean isOaep(AlgorithmIdentifier found) {
        if (!KEY_TRANSPORT.equals(found.getAlgorithm()) || found.getParameters() == null) {
            return false;
        }
        RSAESOAEPparams parameters = RSAESOAEPparams.getInstance(found.getParameters());
        AlgorithmIdentifier mask = parameters.getMaskGenAlgorithm();
        return DIGEST.equals(parameters.getHashAlgorithm().getAlgorithm())
                && PKCSObjectIdentifiers.id_mgf1.equals(mask.getAlgorithm())
                && DIGEST.equals(
                        AlgorithmIdentifier.getInstance(mask.getParameters()).getAlgorithm())
                && RSAESOAEPparams.DEFAULT_P_SOURCE_ALGORITHM.equals(parameters.getPSourceAlgorithm());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java platform has no SHA-256", e);
        }
    }
}
