package org.kiln.transfer.envelope;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.Time;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** Signs a small document: CMS SignedData with the document inside, as the inner layer of an envelope. */
public final class DocumentSigner {

    private DocumentSigner() {}

    /**
     * Signs a document.
     *
     * @param signer an EC P-256 key and its certificate
     * @return binary CMS
     * @throws EnvelopeException.UnfitCertificate if the certificate is not for signing
     * @throws EnvelopeException.CertificateExpired if it is outside its time
     * @throws EnvelopeException.KeyUnavailable if the key does not work, or is not that of the certificate
     */
    public static byte[] sign(byte[] document, Identity signer, InstantSource clock) throws IOException {
        Instant now = clock.instant();
        Certificates.requireP256(signer.certificate(), "a signer");
        Certificates.requireUsage(signer.certificate(), Certificates.DIGITAL_SIGNATURE, "digitalSignature");
        Certificates.requireValid(signer.certificate(), now);
        KeyTrial.run(signer);
        AttributeTable time = new AttributeTable(
                new DERSet(new Attribute(CMSAttributes.signingTime, new DERSet(new Time(Date.from(now))))));
        try {
            CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
            generator.addSignerInfoGenerator(new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder()
                            .setProvider(Algorithms.PROVIDER)
                            .build())
                    .setSignedAttributeGenerator(new DefaultSignedAttributeTableGenerator(time))
                    .build(
                            new JcaContentSignerBuilder(Algorithms.SIGNATURE)
                                    .setProvider(signer.providerOrDefault())
                                    .build(signer.key()),
                            Certificates.holder(signer.certificate())));
            generator.addCertificate(Certificates.holder(signer.certificate()));
            return generator
                    .generate(new CMSProcessableByteArray(document), true)
                    .getEncoded();
        } catch (OperatorCreationException | CMSException e) {
            throw new EnvelopeException.KeyUnavailable(Certificates.name(signer.certificate()), e);
        }
    }
}
