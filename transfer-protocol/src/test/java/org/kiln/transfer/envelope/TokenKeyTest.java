package org.kiln.transfer.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.pkcs11.FfmCryptoki;
import org.kiln.secret.Secret;
import org.kiln.token.ScratchToken;
import org.kiln.token.SoftHsm;
import org.kiln.token.TokenException;
import org.kiln.token.TokenProfile;

/** Signer's and recipient's keys in a SoftHSM token, reached through SunPKCS11: their encoding is out of reach. */
class TokenKeyTest {

    private static final Pki PKI = Pki.shared();
    private static final String PIN = "user-12345678";

    private static Provider token;

    @TempDir
    private Path folder;

    @BeforeAll
    static void token() throws GeneralSecurityException, IOException {
        Path module = module();
        assumeTrue(Files.isDirectory(ScratchToken.configurationFolder()), "needs a SoftHSM configuration");
        FfmCryptoki cryptoki = FfmCryptoki.load(module);
        long slot;
        try (Secret officer = Secret.takeFrom("so-12345678".toCharArray());
                Secret user = Secret.takeFrom(PIN.toCharArray())) {
            slot = SoftHsm.createToken(cryptoki, "envelope", officer, user).slot();
        }
        token = Security.getProvider("SunPKCS11").configure("""
                --
                name = envelope
                library = %s
                slot = %d
                attributes(generate, CKO_PRIVATE_KEY, CKK_EC) = {
                  CKA_DERIVE = true
                }
                attributes(generate, CKO_SECRET_KEY, CKK_GENERIC_SECRET) = {
                  CKA_SENSITIVE = false
                  CKA_EXTRACTABLE = true
                }
                """.formatted(module, slot));
        KeyStore.getInstance("PKCS11", token).load(null, PIN.toCharArray());
    }

    @Test
    void keysInATokenSealAndOpen() throws Exception {
        Identity signer = identity("EC", KeyUsage.digitalSignature);
        Identity rsa = identity("RSA", KeyUsage.keyEncipherment);
        Identity ec = identity("EC", KeyUsage.keyAgreement);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Sealer(signer, List.of(rsa.certificate(), ec.certificate()), Pki.CLOCK)
                .seal(out, to -> to.write(new byte[] {1, 2, 3}));

        for (Identity recipient : List.of(rsa, ec)) {
            Opener opener = new Opener(recipient, SignerTrust.pinned(signer.certificate()), Pki.CLOCK);
            assertThat(Envelopes.open(opener, folder, out.toByteArray()))
                    .as("%s", recipient)
                    .containsExactly(1, 2, 3);
        }
    }

    @Test
    void aWrongKeyInATokenLooksLikeTampering() throws Exception {
        byte[] envelope = Envelopes.seal(new byte[10], PKI.rsa.certificate(), PKI.ec.certificate());
        Identity ec = new Identity(identity("EC", KeyUsage.keyAgreement).key(), PKI.ec.certificate(), token);

        assertThatThrownBy(() -> Envelopes.open(Envelopes.opener(ec), folder, envelope))
                .isInstanceOf(EnvelopeException.TamperedOrWrongKey.class);
    }

    @Test
    void aKeyTheTokenCannotUseIsNamed() throws IOException {
        byte[] envelope = Envelopes.seal(new byte[10], PKI.rsa.certificate(), PKI.ec.certificate());
        Identity mixed = new Identity(PKI.rsa.key(), PKI.ec.certificate(), token);

        assertThatThrownBy(() -> Envelopes.open(Envelopes.opener(mixed), folder, envelope))
                .isInstanceOf(EnvelopeException.KeyUnavailable.class)
                .hasMessageContaining("Check that its token is present");
    }

    private static Identity identity(String algorithm, int usage) throws GeneralSecurityException, IOException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm, token);
        if (algorithm.equals("EC")) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        } else {
            generator.initialize(2048);
        }
        KeyPair keys = generator.generateKeyPair();
        assertThat(keys.getPrivate().getEncoded()).isNull();
        PublicKey publicKey = new JcaPEMKeyConverter()
                .getPublicKey(SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
        X509Certificate certificate =
                PKI.certificate("token " + algorithm, publicKey, usage, Duration.ofDays(-1), Duration.ofDays(9));
        return new Identity(keys.getPrivate(), certificate, token);
    }

    private static Path module() {
        try {
            return TokenProfile.named("softhsm2").findModule();
        } catch (TokenException e) {
            assumeTrue(false, e.getMessage());
            throw e;
        }
    }
}
