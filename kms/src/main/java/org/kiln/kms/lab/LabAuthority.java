package org.kiln.kms.lab;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A laboratory certificate authority whose key lies in a file. It certifies the node's token keys and makes client
 * identities. An operator's own PKI takes its place in production.
 */
public final class LabAuthority {

    private static final Duration VALIDITY = Duration.ofDays(825);
    private static final Duration BACKDATED = Duration.ofMinutes(5);
    private static final String CA_CERTIFICATE = "ca.pem";
    private static final String CA_KEY = "ca.key.pem";
    private static final String CRL = "crl.pem";
    private static final Duration LIST_VALIDITY = Duration.ofDays(30);

    private final Path folder;
    private final PrivateKey key;
    private final X509Certificate certificate;

    private LabAuthority(Path folder, PrivateKey key, X509Certificate certificate) {
        this.folder = folder;
        this.key = key;
        this.certificate = certificate;
    }

    /** What a certificate is for. */
    public enum Purpose {
        SERVER(KeyUsage.digitalSignature, Set.of(KeyPurposeId.id_kp_serverAuth)),
        /** TLS client; envelopes may be sealed to it too. */
        CLIENT(KeyUsage.digitalSignature | KeyUsage.keyAgreement, Set.of(KeyPurposeId.id_kp_clientAuth)),
        DOCUMENT_SIGNING(KeyUsage.digitalSignature, Set.of()),
        /** Files are encrypted to it. */
        ENVELOPE(KeyUsage.keyAgreement, Set.of());

        private final int keyUsage;

        @SuppressWarnings("ImmutableEnumChecker") // Set.of is immutable, and so are the identifiers in it
        private final Set<KeyPurposeId> extended;

        Purpose(int keyUsage, Set<KeyPurposeId> extended) {
            this.keyUsage = keyUsage;
            this.extended = extended;
        }
    }

    /** Makes an authority and its files in {@code folder}. */
    public static LabAuthority create(Path folder) {
        try {
            Files.createDirectories(folder);
            KeyPair pair = newKeyPair();
            X500Name name = new X500Name("CN=Kiln laboratory CA");
            X509v3CertificateBuilder builder = builder(name, name, pair.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            X509Certificate certificate = sign(builder, pair.getPrivate());
            write(folder.resolve(CA_KEY), pair.getPrivate());
            write(folder.resolve(CA_CERTIFICATE), certificate);
            return new LabAuthority(folder, pair.getPrivate(), certificate);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens the authority that {@link #create} made in {@code folder}. */
    public static LabAuthority open(Path folder) {
        try (Reader certificate = Files.newBufferedReader(folder.resolve(CA_CERTIFICATE));
                Reader key = Files.newBufferedReader(folder.resolve(CA_KEY));
                PEMParser certificateParser = new PEMParser(certificate);
                PEMParser keyParser = new PEMParser(key)) {
            X509CertificateHolder holder = (X509CertificateHolder) certificateParser.readObject();
            PrivateKeyInfo keyInfo = (PrivateKeyInfo) keyParser.readObject();
            return new LabAuthority(
                    folder,
                    new JcaPEMKeyConverter().getPrivateKey(keyInfo),
                    new JcaX509CertificateConverter().getCertificate(holder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Where the authority's own certificate lies. */
    public Path certificateFile() {
        return folder.resolve(CA_CERTIFICATE);
    }

    /** Certifies a public key; servers get the names of this host on loopback. */
    public X509Certificate certify(PublicKey publicKey, String commonName, Purpose purpose) {
        try {
            X509v3CertificateBuilder builder = builder(
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
                    new X500Name("CN=" + commonName),
                    publicKey);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(purpose.keyUsage));
            if (!purpose.extended.isEmpty()) {
                builder.addExtension(
                        Extension.extendedKeyUsage,
                        false,
                        new ExtendedKeyUsage(purpose.extended.toArray(KeyPurposeId[]::new)));
            }
            if (purpose == Purpose.SERVER) {
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                    new GeneralName(GeneralName.dNSName, "localhost"),
                    new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
                    new GeneralName(GeneralName.iPAddress, "::1")
                }));
            }
            return sign(builder, key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Certifies a device's key, which signs and agrees; its id is the subject's {@code serialNumber}. */
    public X509Certificate certifyDevice(PublicKey publicKey, String deviceId) {
        try {
            X509v3CertificateBuilder builder = builder(
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
                    new X500NameBuilder(BCStyle.INSTANCE)
                            .addRDN(BCStyle.SERIALNUMBER, deviceId)
                            .build(),
                    publicKey);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(
                    Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyAgreement));
            return sign(builder, key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a client identity: {@code clients/<name>.pem} and {@code clients/<name>.key.pem}. */
    public ClientIdentity newClient(String name) {
        try {
            Path clients = Files.createDirectories(folder.resolve("clients"));
            KeyPair pair = newKeyPair();
            ClientIdentity identity = ClientIdentity.in(clients, name);
            write(identity.key(), pair.getPrivate());
            write(identity.certificate(), certify(pair.getPublic(), name, Purpose.CLIENT));
            return identity;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Revokes a certificate: enters it in the authority's list {@code crl.pem}, which is then good for thirty days, and for as long
     * again with each further revocation.
     *
     * @return the list's file
     */
    public Path revoke(X509Certificate revoked) {
        Path file = folder.resolve(CRL);
        try {
            Instant now = Instant.now();
            X509v2CRLBuilder list = new X509v2CRLBuilder(
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
                    Date.from(now.minus(BACKDATED)));
            list.setNextUpdate(Date.from(now.plus(LIST_VALIDITY)));
            if (Files.exists(file)) {
                try (Reader reader = Files.newBufferedReader(file);
                        PEMParser parser = new PEMParser(reader)) {
                    list.addCRL((X509CRLHolder) parser.readObject());
                }
            }
            list.addCRLEntry(revoked.getSerialNumber(), Date.from(now), CRLReason.cessationOfOperation);
            Path staged = folder.resolve(CRL + ".new");
            write(staged, list.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
            return Files.move(staged, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads a certificate in PEM. */
    public static X509Certificate readCertificate(Path file) {
        try (Reader reader = Files.newBufferedReader(file);
                PEMParser parser = new PEMParser(reader)) {
            return new JcaX509CertificateConverter().getCertificate((X509CertificateHolder) parser.readObject());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The identity that {@link #newClient} made. */
    public static ClientIdentity client(Path folder, String name) {
        return ClientIdentity.in(folder.resolve("clients"), name);
    }

    /** Files of a client's certificate and key, in PEM. */
    public record ClientIdentity(Path certificate, Path key) {
        private static ClientIdentity in(Path clients, String name) {
            return new ClientIdentity(clients.resolve(name + ".pem"), clients.resolve(name + ".key.pem"));
        }
    }

    /** Writes a certificate in PEM. */
    public static void writeCertificate(Path file, X509Certificate certificate) {
        try {
            write(file, certificate);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static KeyPair newKeyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509v3CertificateBuilder builder(X500Name issuer, X500Name subject, PublicKey publicKey) {
        Instant now = Instant.now();
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(127, new SecureRandom()),
                Date.from(now.minus(BACKDATED)),
                Date.from(now.plus(VALIDITY)),
                subject,
                publicKey);
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(Path file, Object object) throws IOException {
        if (object instanceof PrivateKey) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        try (Writer out = Files.newBufferedWriter(
                        file,
                        StandardCharsets.US_ASCII,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING);
                JcaPEMWriter pem = new JcaPEMWriter(out)) {
            pem.writeObject(object instanceof PrivateKey key ? new JcaPKCS8Generator(key, null) : object);
        }
    }
}
