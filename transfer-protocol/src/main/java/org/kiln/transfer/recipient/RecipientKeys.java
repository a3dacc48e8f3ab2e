package org.kiln.transfer.recipient;

import java.io.ByteArrayInputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.RSAPublicKeySpec;
import java.time.Instant;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.token.JcaToken;
import org.kiln.token.TokenCertificates;
import org.kiln.token.TokenException;
import org.kiln.transfer.envelope.Identity;

/**
 * The two key pairs of a recipient's token, born in it and never leaving it: RSA-3072 under which transport keys come,
 * EC P-256 with a certificate to which envelopes are sealed.
 */
public final class RecipientKeys {

    static final String RECEIVER = "transport-receiver";
    static final String ENVELOPE = "envelope";

    private static final int LONGEST_ATTRIBUTE = 1 << 13;

    private final RecipientToken token;
    private final Session session;

    public RecipientKeys(RecipientToken token) {
        this.token = token;
        session = token.session();
    }

    /**
     * Makes what is missing and leaves what is there, so it may be called again.
     *
     * @param name the recipient's name, for a certificate yet to be made (valid 825 days from now)
     */
    public void prepare(String name) {
        if (token.find(Ck.CKO_PRIVATE_KEY, RECEIVER).isEmpty()) {
            session.generateKeyPair(
                    Mechanism.of(Ckm.RSA_PKCS_KEY_PAIR_GEN),
                    RecipientTemplates.receiverPublicKey(RECEIVER),
                    RecipientTemplates.receiverPrivateKey(RECEIVER));
        }
        if (token.find(Ck.CKO_PRIVATE_KEY, ENVELOPE).isEmpty()) {
            session.generateKeyPair(
                    Mechanism.of(Ckm.EC_KEY_PAIR_GEN),
                    RecipientTemplates.envelopePublicKey(ENVELOPE),
                    RecipientTemplates.envelopePrivateKey(ENVELOPE));
        }
        if (token.find(Ck.CKO_CERTIFICATE, ENVELOPE).isEmpty()) {
            X509Certificate certificate = EnvelopeCertificate.selfSigned(
                    name,
                    TokenCertificates.p256PublicKey(session, ENVELOPE),
                    new TokenSigner(session, require(Ck.CKO_PRIVATE_KEY, ENVELOPE)),
                    Instant.now());
            TokenCertificates.store(session, ENVELOPE, RecipientTemplates.id(ENVELOPE), certificate);
        }
    }

    /**
     * The RSA key under which a sender wraps a transport key (RSA-OAEP with the hash of the token's profile).
     *
     * @throws TokenException if the token was not prepared
     */
    public PublicKey receiverPublicKey() {
        long key = require(Ck.CKO_PUBLIC_KEY, RECEIVER);
        try {
            return KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(
                            new BigInteger(1, read(key, Cka.MODULUS)),
                            new BigInteger(1, read(key, Cka.PUBLIC_EXPONENT))));
        } catch (GeneralSecurityException e) {
            throw new TokenException("the key '" + RECEIVER + "' is no RSA key; delete it and prepare the token", e);
        }
    }

    /**
     * The certificate to which a sender seals envelopes.
     *
     * @throws TokenException if the token was not prepared
     */
    public X509Certificate envelopeCertificate() {
        byte[] encoded = read(require(Ck.CKO_CERTIFICATE, ENVELOPE), Cka.VALUE);
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
        } catch (GeneralSecurityException e) {
            throw new TokenException(
                    "the certificate '" + ENVELOPE + "' is damaged; delete it and prepare the token", e);
        }
    }

    /**
     * The identity to which envelopes are sealed; its key stays in the token and is used through JCA.
     *
     * @throws TokenException if the token was not prepared, or JCA cannot use it
     */
    public Identity envelopeIdentity(Secret pin) {
        require(Ck.CKO_CERTIFICATE, ENVELOPE);
        JcaToken jca = token.jca(pin);
        return new Identity(jca.privateKey(ENVELOPE), jca.certificate(ENVELOPE), jca.provider());
    }

    /** Unwraps transport keys. */
    long receiverPrivateKey() {
        return require(Ck.CKO_PRIVATE_KEY, RECEIVER);
    }

    private long require(long objectClass, String label) {
        return token.find(objectClass, label)
                .orElseThrow(() -> new TokenException(
                        "the token lacks '" + label + "'; prepare it first with 'recipient prepare'"));
    }

    private byte[] read(long object, Cka attribute) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(LONGEST_ATTRIBUTE);
            long length = session.getAttribute(object, attribute, value);
            return value.asSlice(0, Math.max(0, length)).toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
