package org.kiln.transfer.envelope;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.Time;
import org.bouncycastle.cms.CMSAuthEnvelopedDataStreamGenerator;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedDataStreamGenerator;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.OutputAEADEncryptor;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/**
 * Signs content and encrypts it to its recipients, in one pass and constant memory: RFC 5652, 5083, 5084, 5753, 4055.
 *
 * <p>Content is at most 64 GiB, the most one GCM nonce may encrypt (NIST SP 800-38D clause 5.2.1.1). May be used by
 * several threads if the signer's key may.
 */
public final class Sealer {

    private static final int BUFFER_OCTETS = 1 << 15;

    private final Identity signer;
    private final List<X509Certificate> recipients;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    /**
     * Checks that the certificates fit their parts, and the signer's key its certificate, by a signature on trial.
     *
     * @param signer an EC P-256 key and its certificate
     * @param recipients one or more certificates with RSA keys of at least 2048 bits or EC P-256 keys
     * @param clock tells the signing time
     * @throws IllegalArgumentException if there is no recipient
     * @throws EnvelopeException.UnfitCertificate if a certificate's key or key usage does not fit its part
     * @throws EnvelopeException.KeyUnavailable if the signer's key does not work, or is not that of its certificate
     */
    public Sealer(Identity signer, List<X509Certificate> recipients, InstantSource clock) throws EnvelopeException {
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("an envelope without recipient; give at least one certificate");
        }
        Certificates.requireP256(signer.certificate(), "a signer");
        Certificates.requireUsage(signer.certificate(), Certificates.DIGITAL_SIGNATURE, "digitalSignature");
        for (X509Certificate recipient : recipients) {
            Certificates.requireFitRecipient(recipient);
        }
        KeyTrial.run(signer);
        this.signer = signer;
        this.recipients = List.copyOf(recipients);
        this.clock = clock;
    }

    /**
     * Seals content.
     *
     * @param out where the envelope goes; flushed, not closed. If this method throws, what was written is no envelope
     * @param content writes the content
     * @throws EnvelopeException.CertificateExpired if the signer's certificate or a recipient's is outside its time
     * @throws EnvelopeException.KeyUnavailable if the signer's key does not work
     * @throws IOException if {@code out} or {@code content} throws it
     */
    public void seal(OutputStream out, ContentWriter content) throws IOException {
        Instant now = clock.instant();
        Certificates.requireValid(signer.certificate(), now);
        for (X509Certificate recipient : recipients) {
            Certificates.requireValid(recipient, now);
        }
        OutputStream target = new BufferedOutputStream(new Open(out), BUFFER_OCTETS);
        OutputStream encrypted = encrypting(target);
        OutputStream signed = signing(encrypted, now);
        OutputStream buffered = new BufferedOutputStream(new Open(signed), BUFFER_OCTETS);
        content.writeTo(buffered);
        buffered.flush();
        sign(signed);
        encrypted.close();
        target.flush();
    }

    private OutputStream encrypting(OutputStream out) throws IOException {
        try {
            CMSAuthEnvelopedDataStreamGenerator generator = new CMSAuthEnvelopedDataStreamGenerator();
            generator.setBufferSize(BUFFER_OCTETS);
            for (X509Certificate recipient : recipients) {
                generator.addRecipientInfoGenerator(RecipientInfos.generator(recipient, random));
            }
            return generator.open(
                    out, (OutputAEADEncryptor) new JceCMSContentEncryptorBuilder(Algorithms.CONTENT_ENCRYPTION)
                            .setSecureRandom(random)
                            .setProvider(Algorithms.PROVIDER)
                            .build());
        } catch (CMSException | GeneralSecurityException e) {
            throw new IllegalStateException("recipients were checked, and still cannot be encrypted to", e);
        }
    }

    private OutputStream signing(OutputStream out, Instant now) throws IOException {
        try {
            ContentSigner contentSigner = new JcaContentSignerBuilder(Algorithms.SIGNATURE)
                    .setProvider(signer.providerOrDefault())
                    .build(signer.key());
            CMSSignedDataStreamGenerator generator = new CMSSignedDataStreamGenerator();
            generator.setBufferSize(BUFFER_OCTETS);
            generator.addSignerInfoGenerator(new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder()
                            .setProvider(Algorithms.PROVIDER)
                            .build())
                    .setSignedAttributeGenerator(new DefaultSignedAttributeTableGenerator(signingTime(now)))
                    .build(contentSigner, Certificates.holder(signer.certificate())));
            generator.addCertificate(Certificates.holder(signer.certificate()));
            return generator.open(out, true);
        } catch (OperatorCreationException | CMSException e) {
            throw new EnvelopeException.KeyUnavailable(Certificates.name(signer.certificate()), e);
        }
    }

    private void sign(OutputStream signed) throws IOException {
        try {
            signed.close();
        } catch (RuntimeException e) {
            throw new EnvelopeException.KeyUnavailable(Certificates.name(signer.certificate()), e);
        }
    }

    private static AttributeTable signingTime(Instant now) {
        return new AttributeTable(
                new DERSet(new Attribute(CMSAttributes.signingTime, new DERSet(new Time(Date.from(now))))));
    }

    /** Stays open when closed: the layers below end in their own order. */
    private static final class Open extends FilterOutputStream {

        Open(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            out.write(buffer, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
