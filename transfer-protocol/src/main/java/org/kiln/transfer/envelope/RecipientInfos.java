package org.kiln.transfer.envelope;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.cms.RecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;

/** How the content key gets to a recipient: by RSA-OAEP or by ECDH, as his certificate has it. */
final class RecipientInfos {

    private RecipientInfos() {}

    static RecipientInfoGenerator generator(X509Certificate recipient, SecureRandom random)
            throws GeneralSecurityException {
        return recipient.getPublicKey() instanceof RSAPublicKey
                ? new JceKeyTransRecipientInfoGenerator(recipient, Algorithms.OAEP_IDENTIFIER)
                        .setProvider(Algorithms.PROVIDER)
                : keyAgreement(recipient, random);
    }

    private static RecipientInfoGenerator keyAgreement(X509Certificate recipient, SecureRandom random)
            throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", Algorithms.PROVIDER);
        generator.initialize(new ECGenParameterSpec("P-256"), random);
        KeyPair ephemeral = generator.generateKeyPair();
        return new JceKeyAgreeRecipientInfoGenerator(
                        Algorithms.KEY_AGREEMENT, ephemeral.getPrivate(), ephemeral.getPublic(), Algorithms.KEY_WRAP)
                .addRecipient(recipient)
                .setSecureRandom(random)
                .setProvider(Algorithms.PROVIDER);
    }
}
