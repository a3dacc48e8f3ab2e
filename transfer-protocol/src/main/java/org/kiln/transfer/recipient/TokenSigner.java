package org.kiln.transfer.recipient;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.ContentSigner;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;

/** ECDSA with SHA-256 by a P-256 key of the token, encoded as X.509 wants it (RFC 5480, RFC 3279 clause 2.2.3). */
final class TokenSigner implements ContentSigner {

    private static final int NUMBER_OCTETS = 32;

    private final Session session;
    private final long privateKey;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    TokenSigner(Session session, long privateKey) {
        this.session = session;
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
            MemorySegment out = arena.allocate(2L * NUMBER_OCTETS);
            session.sign(Mechanism.of(Ckm.ECDSA), privateKey, in, digest.length, out);
            byte[] raw = out.toArray(ValueLayout.JAVA_BYTE);
            ASN1Encodable[] numbers = {
                new ASN1Integer(new BigInteger(1, raw, 0, NUMBER_OCTETS)),
                new ASN1Integer(new BigInteger(1, raw, NUMBER_OCTETS, NUMBER_OCTETS))
            };
            return new DERSequence(numbers).getEncoded();
        } catch (NoSuchAlgorithmException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
