package org.kiln.token;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/** Public keys out of a token and certificates into it, so that JCA finds key and certificate together. */
public final class TokenCertificates {

    /** A P-256 SubjectPublicKeyInfo up to its point (RFC 5480). */
    private static final byte[] P256_PREFIX =
            HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");

    private static final int POINT_OCTETS = 65;

    private TokenCertificates() {}

    /**
     * The P-256 public key with this label.
     *
     * @throws TokenException if the token holds no such key
     */
    public static PublicKey p256PublicKey(Session session, String label) {
        long[] found = session.findObjects(Template.builder()
                .with(Cka.CLASS, Ck.CKO_PUBLIC_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_EC)
                .label(label)
                .build());
        if (found.length != 1) {
            throw new TokenException("expected one public key labelled '" + label + "', found " + found.length);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(128);
            int length = (int) session.getAttribute(found[0], Cka.EC_POINT, value);
            byte[] octets = value.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            byte[] point = Arrays.copyOfRange(octets, length - POINT_OCTETS, length);
            byte[] info = Arrays.copyOf(P256_PREFIX, P256_PREFIX.length + POINT_OCTETS);
            System.arraycopy(point, 0, info, P256_PREFIX.length, POINT_OCTETS);
            return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(info));
        } catch (GeneralSecurityException e) {
            throw new TokenException("the public key '" + label + "' is no P-256 key", e);
        }
    }

    /** Stores a certificate beside the key pair with this label and {@code CKA_ID}, in place of an older one. */
    public static void store(Session session, String label, byte[] id, X509Certificate certificate) {
        Template.Builder identity = Template.builder()
                .with(Cka.CLASS, Ck.CKO_CERTIFICATE)
                .with(Cka.TOKEN, true)
                .label(label);
        for (long old : session.findObjects(identity.build())) {
            session.destroyObject(old);
        }
        try {
            session.createObject(identity.with(Cka.CERTIFICATE_TYPE, Ck.CKC_X_509)
                    .with(Cka.PRIVATE, false)
                    .with(Cka.ID, id)
                    .with(Cka.SUBJECT, certificate.getSubjectX500Principal().getEncoded())
                    .with(Cka.ISSUER, certificate.getIssuerX500Principal().getEncoded())
                    .with(Cka.SERIAL_NUMBER, derInteger(certificate))
                    .with(Cka.VALUE, certificate.getEncoded())
                    .build());
        } catch (CertificateEncodingException e) {
            throw new TokenException("the certificate for '" + label + "' cannot be encoded", e);
        }
    }

    private static byte[] derInteger(X509Certificate certificate) {
        byte[] number = certificate.getSerialNumber().toByteArray();
        byte[] der = new byte[number.length + 2];
        der[0] = 0x02;
        der[1] = (byte) number.length;
        System.arraycopy(number, 0, der, 2, number.length);
        return der;
    }
}
