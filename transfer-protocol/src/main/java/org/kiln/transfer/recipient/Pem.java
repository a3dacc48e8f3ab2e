package org.kiln.transfer.recipient;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;

/** Public keys and certificates as text (RFC 7468). */
public final class Pem {

    private Pem() {}

    /** A SubjectPublicKeyInfo. */
    public static String of(PublicKey key) {
        return write(key);
    }

    public static String of(X509Certificate certificate) {
        return write(certificate);
    }

    /**
     * Reads the first certificate in {@code file}.
     *
     * @throws RecipientException.FileUnusable if it cannot be read or holds none
     */
    public static X509Certificate certificate(Path file) throws RecipientException {
        try (Reader reader = Files.newBufferedReader(file);
                PEMParser pem = new PEMParser(reader)) {
            if (pem.readObject() instanceof X509CertificateHolder holder) {
                return new JcaX509CertificateConverter().getCertificate(holder);
            }
        } catch (CertificateException | IOException e) {
            throw new RecipientException.FileUnusable(file, "cannot be read as a certificate in PEM");
        }
        throw new RecipientException.FileUnusable(file, "holds no certificate in PEM");
    }

    private static String write(Object object) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
