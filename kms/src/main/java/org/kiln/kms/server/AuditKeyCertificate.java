package org.kiln.kms.server;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.kiln.kms.audit.AuditException;
import org.kiln.kms.audit.AuditKey;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.token.JcaToken;

/**
 * The certificate of a key of the audit log. JCA finds a key in a token by it, and it is the form in which an auditor gets the key;
 * the token's signing key signs it. What the verifier follows is {@link AuditKey}.
 */
public final class AuditKeyCertificate {

    private static final String ALGORITHM = "SHA256withECDSA";
    private static final int SERIAL_BITS = 127;
    private static final int YEARS = 25;

    private AuditKeyCertificate() {}

    /** @throws AuditException if the token does not sign it */
    public static X509Certificate issue(JcaToken token, long number, PublicKey key, Instant now) {
        X509Certificate issuer = token.certificate(KeyLabels.SIGNING);
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    X500Name.getInstance(issuer.getSubjectX500Principal().getEncoded()),
                    new BigInteger(SERIAL_BITS, new SecureRandom()),
                    Date.from(now),
                    Date.from(now.plus(YEARS * 365L, ChronoUnit.DAYS)),
                    new X500Name("CN=Kiln audit log key " + number),
                    key);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(ALGORITHM)
                            .setProvider(token.provider())
                            .build(token.privateKey(KeyLabels.SIGNING))));
        } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
            throw new AuditException("the token does not certify the audit log's next key: " + e.getMessage(), e);
        }
    }
}
