package org.kiln.kms.oauth2;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Set;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;

/** A public key of the NRF's, from a PEM file. */
public final class NrfKey {

    private static final int SHORTEST_RSA_BITS = 2048;
    private static final Set<Curve> CURVES = Set.of(Curve.P_256, Curve.P_384, Curve.P_521);

    private final JWK key;

    private NrfKey(JWK key) {
        this.key = key;
    }

    /**
     * Reads a key.
     *
     * @param kid the {@code kid} of tokens that it verifies; null if the NRF's tokens bear none
     * @param pem a public key or a certificate; of a certificate nothing counts but its key
     * @throws NrfKeyException naming the file and what is wrong
     */
    public static NrfKey read(@Nullable String kid, Path pem) {
        try {
            return new NrfKey(jwk(kid, pem, publicKey(pem)));
        } catch (IOException | IllegalArgumentException e) {
            throw new NrfKeyException(pem + " is no PEM file with a public key or a certificate", e);
        }
    }

    private static PublicKey publicKey(Path pem) throws IOException {
        try (Reader reader = Files.newBufferedReader(pem);
                PEMParser parser = new PEMParser(reader)) {
            return switch (parser.readObject()) {
                case SubjectPublicKeyInfo info -> new JcaPEMKeyConverter().getPublicKey(info);
                case X509CertificateHolder certificate ->
                    new JcaPEMKeyConverter().getPublicKey(certificate.getSubjectPublicKeyInfo());
                case null, default ->
                    throw new NrfKeyException(pem + " holds neither a public key nor a certificate", null);
            };
        }
    }

    private static JWK jwk(@Nullable String kid, Path pem, PublicKey key) {
        return switch (key) {
            case ECPublicKey ec
            when CURVES.contains(Curve.forECParameterSpec(ec.getParams())) ->
                new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec)
                        .keyID(kid)
                        .keyUse(KeyUse.SIGNATURE)
                        .build();
            case RSAPublicKey rsa
            when rsa.getModulus().bitLength() >= SHORTEST_RSA_BITS ->
                new RSAKey.Builder(rsa).keyID(kid).keyUse(KeyUse.SIGNATURE).build();
            default ->
                throw new NrfKeyException(
                        pem + " holds a key that Kiln does not trust: use P-256, P-384, P-521, or RSA of "
                                + SHORTEST_RSA_BITS + " bits or more",
                        null);
        };
    }

    JWK jwk() {
        return key;
    }
}
