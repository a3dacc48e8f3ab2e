package org.kiln.kms.server;

import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.lab.LabAuthority.ClientIdentity;

/** TLS of clients, with a certificate and without. */
final class TlsContexts {

    private TlsContexts() {}

    static SSLContext anonymous(LabAuthority authority) throws Exception {
        return context(authority, null);
    }

    static SSLContext as(LabAuthority authority, ClientIdentity identity) throws Exception {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry(
                "client",
                new JcaPEMKeyConverter().getPrivateKey((PrivateKeyInfo) parse(identity.key())),
                new char[0],
                new X509Certificate[] {certificate(identity.certificate())});
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, new char[0]);
        return context(authority, keys.getKeyManagers());
    }

    private static SSLContext context(LabAuthority authority, KeyManager[] keys) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", certificate(authority.certificateFile()));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keys, trust.getTrustManagers(), null);
        return context;
    }

    private static X509Certificate certificate(Path file) throws Exception {
        return new JcaX509CertificateConverter().getCertificate((X509CertificateHolder) parse(file));
    }

    private static Object parse(Path file) throws Exception {
        try (Reader reader = Files.newBufferedReader(file);
                PEMParser parser = new PEMParser(reader)) {
            return parser.readObject();
        }
    }
}
