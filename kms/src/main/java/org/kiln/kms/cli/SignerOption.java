package org.kiln.kms.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import org.kiln.kms.server.ConfigurationException;
import picocli.CommandLine.Option;

/** The certificate of the token's signing key, with which what it signed is checked. */
final class SignerOption {

    @Option(
            names = "--certificate",
            required = true,
            paramLabel = "PEM",
            description = "the certificate of the token's signing key (pki/signing.pem)")
    private Path certificate = Path.of("");

    /** @throws ConfigurationException if the file is no certificate */
    PublicKey key() throws IOException {
        try (InputStream in = Files.newInputStream(certificate)) {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificate(in)
                    .getPublicKey();
        } catch (CertificateException e) {
            throw new ConfigurationException(certificate + " is no certificate in PEM: " + e.getMessage(), e);
        }
    }
}
