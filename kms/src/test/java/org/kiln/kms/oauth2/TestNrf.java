package org.kiln.kms.oauth2;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.factories.DefaultJWSSignerFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;

/** An NRF as far as it makes access tokens, with keys of its own in PEM files. */
public final class TestNrf {

    /** The issuer of its tokens. */
    public static final String ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

    private final JWK key;

    private TestNrf(JWK key) {
        this.key = key;
    }

    /** @param kid null for tokens that bear none */
    public static TestNrf withEcKey(Curve curve, String kid) throws JOSEException {
        return new TestNrf(new ECKeyGenerator(curve).keyID(kid).generate());
    }

    /** Likewise. */
    public static TestNrf withRsaKey(int bits, String kid) throws JOSEException {
        return new TestNrf(new RSAKeyGenerator(bits, true).keyID(kid).generate());
    }

    /** Writes the public key. */
    public Path pem(Path file) throws Exception {
        return pem(file, ((AsymmetricJWK) key).toPublicKey());
    }

    static Path pem(Path file, Object content) throws Exception {
        try (Writer out = Files.newBufferedWriter(file);
                JcaPEMWriter pem = new JcaPEMWriter(out)) {
            pem.writeObject(content);
        }
        return file;
    }

    AsymmetricJWK key() {
        return (AsymmetricJWK) key;
    }

    /** Claims of a token for a UDM, good from now on for five minutes. */
    public static JWTClaimsSet.Builder claims(String scope) {
        return claims(scope, Instant.now());
    }

    static JWTClaimsSet.Builder claims(String scope, Instant now) {
        return new JWTClaimsSet.Builder()
                .issuer(ID)
                .subject("1a2b3c4d-0000-4000-8000-000000000001")
                .audience("UDM")
                .claim("scope", scope)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(300)));
    }

    /** A token with these claims under the key's usual algorithm. */
    public String token(JWTClaimsSet claims) throws JOSEException {
        return token(claims, new JWSHeader.Builder(usualAlgorithm()).keyID(key.getKeyID()));
    }

    String token(JWTClaimsSet claims, JWSHeader.Builder header) throws JOSEException {
        JWSHeader built = header.build();
        SignedJWT jwt = new SignedJWT(built, claims);
        JWSSigner signer = new DefaultJWSSignerFactory().createJWSSigner(key, built.getAlgorithm());
        jwt.sign(signer);
        return jwt.serialize();
    }

    private JWSAlgorithm usualAlgorithm() {
        if (key instanceof com.nimbusds.jose.jwk.RSAKey) {
            return JWSAlgorithm.RS256;
        }
        Curve curve = key.toECKey().getCurve();
        return curve.equals(Curve.P_256)
                ? JWSAlgorithm.ES256
                : curve.equals(Curve.P_384) ? JWSAlgorithm.ES384 : JWSAlgorithm.ES512;
    }
}
