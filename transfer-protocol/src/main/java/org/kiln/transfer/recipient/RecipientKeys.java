package org.kiln.transfer.recipient;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.token.JcaToken;
import org.kiln.token.TokenCertificates;
import org.kiln.token.TokenException;
import org.kiln.transfer.envelope.Identity;

/**
 * The two key pairs that a recipient's token needs: one under which transport keys come, one to which envelopes are
 * sealed. Both are born in the token and stay there.
 */
public final class RecipientKeys {

    static final String RECEIVER = "transport-receiver";
    static final String ENVELOPE = "envelope";

    private static final Duration VALIDITY = Duration.ofDays(825);
    private static final Duration BACKDATED = Duration.ofMinutes(5);

    private final RecipientToken token;

    public RecipientKeys(RecipientToken token) {
        this.token = token;
    }

    /**
     * Makes what is missing.
     *
     * @param name the recipient's name, for the certificate
     */
    public void prepare(String name) {
        Session session = token.session();
        if (find(session, Ck.CKO_PRIVATE_KEY, RECEIVER).isEmpty()) {
            session.generateKeyPair(
                    Mechanism.of(Ckm.RSA_PKCS_KEY_PAIR_GEN),
                    RecipientTemplates.receiverPublicKey(RECEIVER),
                    RecipientTemplates.receiverPrivateKey(RECEIVER));
        }
        if (find(session, Ck.CKO_PRIVATE_KEY, ENVELOPE).isEmpty()) {
            long privateKey = session.generateKeyPair(
                            Mechanism.of(Ckm.EC_KEY_PAIR_GEN),
                            RecipientTemplates.envelopePublicKey(ENVELOPE),
                            RecipientTemplates.envelopePrivateKey(ENVELOPE))
                    .privateKey();
            TokenCertificates.store(session, ENVELOPE, id(ENVELOPE), selfSigned(name, privateKey));
        }
    }

    /** The RSA public key under which a sender wraps a transport key. */
    public PublicKey receiverPublicKey() {
        Session session = token.session();
        long key = require(session, Ck.CKO_PUBLIC_KEY, RECEIVER);
        try (Arena arena = Arena.ofConfined()) {
            return KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(
                            number(session, key, Cka.MODULUS, arena),
                            number(session, key, Cka.PUBLIC_EXPONENT, arena)));
        } catch (GeneralSecurityException e) {
            throw new TokenException("the key '" + RECEIVER + "' is no RSA key", e);
        }
    }

    /** The private key of the receiver, to unwrap transport keys with. */
    long receiverPrivateKey() {
        return require(token.session(), Ck.CKO_PRIVATE_KEY, RECEIVER);
    }

    /** The identity to which envelopes are sealed; its key is used through JCA. */
    public Identity envelopeIdentity(Secret pin) {
        JcaToken jca = token.jca(pin);
        return new Identity(jca.privateKey(ENVELOPE), jca.certificate(ENVELOPE), jca.provider());
    }

    private X509Certificate selfSigned(String name, long privateKey) {
        Instant now = Instant.now();
        X500Name subject = new X500Name("CN=" + name);
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                subject,
                new BigInteger(127, new SecureRandom()),
                Date.from(now.minus(BACKDATED)),
                Date.from(now.plus(VALIDITY)),
                subject,
                TokenCertificates.p256PublicKey(token.session(), ENVELOPE));
        try {
            builder.addExtension(
                    Extension.keyUsage, true, new KeyUsage(KeyUsage.keyAgreement | KeyUsage.digitalSignature));
            return new JcaX509CertificateConverter().getCertificate(builder.build(new TokenSigner(privateKey)));
        } catch (GeneralSecurityException | IOException e) {
            throw new TokenException("the certificate of '" + ENVELOPE + "' cannot be made", e);
        }
    }

    /** ECDSA with SHA-256 by a key of the token. */
    private final class TokenSigner implements ContentSigner {

        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private final long privateKey;

        TokenSigner(long privateKey) {
            this.privateKey = privateKey;
        }

        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
        }

        @Override
        public OutputStream getOutputStream() {
            return content;
        }

        @Override
        public byte[] getSignature() {
            try (Arena arena = Arena.ofConfined()) {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.toByteArray());
                MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, digest);
                MemorySegment out = arena.allocate(64);
                token.session().sign(Mechanism.of(Ckm.ECDSA), privateKey, in, digest.length, out);
                byte[] raw = out.toArray(ValueLayout.JAVA_BYTE);
                ASN1EncodableVector numbers = new ASN1EncodableVector();
                numbers.add(new ASN1Integer(new BigInteger(1, raw, 0, 32)));
                numbers.add(new ASN1Integer(new BigInteger(1, raw, 32, 32)));
                return new DERSequence(numbers).getEncoded();
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    static byte[] id(String label) {
        return label.getBytes(StandardCharsets.UTF_8);
    }

    private static long require(Session session, long objectClass, String label) {
        return find(session, objectClass, label)
                .orElseThrow(() -> new TokenException(
                        "the token holds no key '" + label + "'; prepare it with 'recipient prepare'"));
    }

    static Optional<Long> find(Session session, long objectClass, String label) {
        long[] found = session.findObjects(Template.builder()
                .with(Cka.CLASS, objectClass)
                .with(Cka.TOKEN, true)
                .label(label)
                .build());
        if (found.length > 1) {
            throw new TokenException("the token holds " + found.length + " keys '" + label + "'; remove the wrong");
        }
        return found.length == 0 ? Optional.empty() : Optional.of(found[0]);
    }

    private static BigInteger number(Session session, long key, Cka attribute, Arena arena) {
        MemorySegment value = arena.allocate(1024);
        long length = session.getAttribute(key, attribute, value);
        return new BigInteger(1, value.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }
}
