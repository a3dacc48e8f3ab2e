package org.kiln.personalisation.output;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.partner.Partner;
import org.kiln.transfer.envelope.ContentWriter;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.envelope.Sealer;
import org.kiln.transfer.openpgp.PgpCertificate;
import org.kiln.transfer.openpgp.PgpIdentity;
import org.kiln.transfer.openpgp.PgpSealer;

/** Signs files with the token's signing key and encrypts them, as CMS or, for partners who want that, as OpenPGP. */
public final class Envelopes {

    private final Identity signer;
    private final X509Certificate recipient;
    private final String operator;
    private final InstantSource clock;

    /**
     * @param signer the token's signing key
     * @param recipient of the token's envelope key, to which files for the operator are encrypted
     * @param operator the name in the OpenPGP certificate
     */
    public Envelopes(Identity signer, X509Certificate recipient, String operator, InstantSource clock) {
        this.signer = signer;
        this.recipient = recipient;
        this.operator = operator;
        this.clock = clock;
    }

    /**
     * Checks that files can be sealed for a partner.
     *
     * @throws OrderException.Refused if his certificate is not fit
     */
    void requireFor(Partner partner) {
        try {
            if (partner.openPgpCertificate() == null) {
                new Sealer(signer, List.of(certificate(partner)), clock);
            } else {
                new PgpSealer(openPgp(), List.of(openPgpCertificate(partner.openPgpCertificate())), clock);
            }
        } catch (IOException e) {
            throw new OrderException.Refused("the certificate of '" + partner.name() + "': " + e.getMessage());
        }
    }

    /** Seals a file for a partner. */
    void seal(Partner partner, Path file, ContentWriter content) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            if (partner.openPgpCertificate() == null) {
                new Sealer(signer, List.of(certificate(partner)), clock).seal(out, content);
            } else {
                new PgpSealer(openPgp(), List.of(openPgpCertificate(partner.openPgpCertificate())), clock)
                        .seal(out, file.getFileName().toString(), content);
            }
        }
    }

    private static X509Certificate certificate(Partner partner) {
        return DeliveryFiles.certificate("certificate", partner.certificate());
    }

    private static PgpCertificate openPgpCertificate(String armoured) throws IOException {
        return PgpCertificate.read(new ByteArrayInputStream(armoured.getBytes(StandardCharsets.US_ASCII)));
    }

    /** The signing certificate in PEM. */
    public String x509() {
        return pem(signer.certificate());
    }

    /** The certificate, in PEM, to which files for the operator are encrypted. */
    public String recipient() {
        return pem(recipient);
    }

    private static String pem(X509Certificate certificate) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(certificate);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** The signing key's OpenPGP certificate in ASCII armour. */
    public String openPgpArmoured() {
        try {
            return openPgp().certificate().armoured();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The signing key as an OpenPGP identity: made anew at each use, and always the same. */
    private PgpIdentity openPgp() throws IOException {
        X509Certificate certificate = signer.certificate();
        return PgpIdentity.signingOnly(
                signer.key(),
                certificate.getPublicKey(),
                signer.provider(),
                "Kiln of " + operator,
                certificate.getNotBefore().toInstant());
    }
}
