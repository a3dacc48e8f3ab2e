package org.kiln.transfer.envelope;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Keys and certificates to test with: an authority that makes the rest. */
public final class Pki {

    public static final InstantSource CLOCK = InstantSource.fixed(Instant.now());

    private static final Pki SHARED = new Pki("Test CA");

    public final X509Certificate authority;
    public final Identity signer;
    public final Identity rsa;
    public final Identity ec;
    private final KeyPair authorityKeys;
    private final X500Name authorityName;
    private int serial = 1;

    private Pki(String name) {
        authorityName = new X500Name("CN=" + name + ",O=Kiln tests");
        authorityKeys = ecKeys("P-256");
        authority = certify(
                authorityName,
                authorityKeys.getPublic(),
                KeyUsage.keyCertSign | KeyUsage.cRLSign,
                Duration.ofDays(-1),
                Duration.ofDays(365));
        signer = identity("signer", ecKeys("P-256"), KeyUsage.digitalSignature);
        rsa = identity("RSA recipient", rsaKeys(2048), KeyUsage.keyEncipherment);
        ec = identity("EC recipient", ecKeys("P-256"), KeyUsage.keyAgreement);
    }

    /** One set for all tests that do not need another. */
    public static Pki shared() {
        return SHARED;
    }

    public static Pki another(String name) {
        return new Pki(name);
    }

    public Identity identity(String name, KeyPair keys, int usage) {
        return Identity.inMemory(
                keys.getPrivate(),
                certificate(name, keys.getPublic(), usage, Duration.ofDays(-1), Duration.ofDays(300)));
    }

    public X509Certificate certificate(String name, PublicKey key, int usage, Duration from, Duration to) {
        return certify(new X500Name("CN=" + name + ",O=Kiln tests"), key, usage, from, to);
    }

    public static KeyPair ecKeys(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(
                    new ECGenParameterSpec(curve.replace("P-256", "secp256r1").replace("P-384", "secp384r1")));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    public static KeyPair rsaKeys(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    public static Path pem(Path file, String type, byte[] encoded) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return Files.writeString(file, "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
    }

    private X509Certificate certify(X500Name name, PublicKey key, int usage, Duration from, Duration to) {
        try {
            Instant now = CLOCK.instant();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    authorityName,
                    BigInteger.valueOf(serial++),
                    Date.from(now.plus(from)),
                    Date.from(now.plus(to)),
                    name,
                    key);
            extend(builder, key, usage);
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(
                            new JcaContentSignerBuilder("SHA256withECDSA").build(authorityKeys.getPrivate())));
        } catch (OperatorCreationException | GeneralSecurityException | CertIOException e) {
            throw new AssertionError(e);
        }
    }

    private static void extend(X509v3CertificateBuilder builder, PublicKey key, int usage)
            throws CertIOException, GeneralSecurityException {
        boolean ca = (usage & KeyUsage.keyCertSign) != 0;
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
        builder.addExtension(
                Extension.subjectKeyIdentifier, false, new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key));
    }
}
