package org.kiln.transfer.envelope;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.cms.CMSAuthEnvelopedDataStreamGenerator;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.RecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.operator.OutputAEADEncryptor;

/** Envelopes to test with, good ones and others. */
final class Envelopes {

    private Envelopes() {}

    static byte[] seal(byte[] content, X509Certificate... recipients) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Sealer(Pki.shared().signer, List.of(recipients), Pki.CLOCK).seal(out, to -> to.write(content));
        return out.toByteArray();
    }

    /** Encrypts any octets properly, signed or not. */
    static byte[] encrypt(byte[] plain, ASN1ObjectIdentifier algorithm, X509Certificate recipient) throws IOException {
        try {
            return encrypt(plain, algorithm, RecipientInfos.generator(recipient, new SecureRandom()));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] encrypt(byte[] plain, ASN1ObjectIdentifier algorithm, RecipientInfoGenerator recipient)
            throws IOException {
        try {
            CMSAuthEnvelopedDataStreamGenerator generator = new CMSAuthEnvelopedDataStreamGenerator();
            generator.addRecipientInfoGenerator(recipient);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (OutputStream encrypted =
                    generator.open(out, (OutputAEADEncryptor) new JceCMSContentEncryptorBuilder(algorithm)
                            .setProvider(Algorithms.PROVIDER)
                            .build())) {
                encrypted.write(plain);
            }
            return out.toByteArray();
        } catch (CMSException e) {
            throw new AssertionError(e);
        }
    }

    /** The signed layer of an envelope. */
    static byte[] decrypt(byte[] envelope, Identity recipient) throws IOException {
        try (InputStream plain = DecryptedContent.open(new ByteArrayInputStream(envelope), recipient)) {
            return plain.readAllBytes();
        }
    }

    static Opener opener(Identity recipient) throws EnvelopeException {
        return new Opener(recipient, SignerTrust.pinned(Pki.shared().signer.certificate()), Pki.CLOCK);
    }

    static byte[] open(Opener opener, Path file) throws IOException {
        return opener.open(file, opener.verify(file), InputStream::readAllBytes);
    }

    static byte[] open(Opener opener, Path folder, byte[] envelope) throws IOException {
        return open(opener, Files.write(folder.resolve("envelope.p7m"), envelope));
    }
}
