package org.kiln.transfer.recipient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.Map;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMParser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.token.ScratchToken;
import org.kiln.token.TokenException;

class RecipientKeysTest {

    private static TestRecipient recipient;

    @BeforeAll
    static void prepare() {
        recipient = new TestRecipient();
    }

    @AfterAll
    static void close() {
        recipient.close();
    }

    @Test
    void theReceiverKeyUnwrapsAndDoesNothingElse() {
        long key = find(Ck.CKO_PRIVATE_KEY, RecipientKeys.RECEIVER);

        assertThat(is(key, Cka.TOKEN)).isTrue();
        assertThat(is(key, Cka.PRIVATE)).isTrue();
        assertThat(is(key, Cka.SENSITIVE)).isTrue();
        assertThat(is(key, Cka.EXTRACTABLE)).isFalse();
        assertThat(is(key, Cka.UNWRAP)).isTrue();
        for (Cka right : new Cka[] {Cka.DECRYPT, Cka.SIGN, Cka.DERIVE}) {
            assertThat(is(key, right)).as("%s", right).isFalse();
        }
    }

    @Test
    void theEnvelopeKeyDerivesAndSigns() {
        long key = find(Ck.CKO_PRIVATE_KEY, RecipientKeys.ENVELOPE);

        assertThat(is(key, Cka.TOKEN)).isTrue();
        assertThat(is(key, Cka.PRIVATE)).isTrue();
        assertThat(is(key, Cka.SENSITIVE)).isTrue();
        assertThat(is(key, Cka.EXTRACTABLE)).isFalse();
        assertThat(is(key, Cka.DERIVE)).isTrue();
        assertThat(is(key, Cka.SIGN)).isTrue();
        assertThat(is(key, Cka.DECRYPT)).isFalse();
        assertThat(is(key, Cka.UNWRAP)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {RecipientKeys.RECEIVER, RecipientKeys.ENVELOPE})
    void nobodyGivesAPrivateKeyAnotherRight(String label) {
        long key = find(Ck.CKO_PRIVATE_KEY, label);
        Template decrypt = Template.builder().with(Cka.DECRYPT, true).build();

        assertThatThrownBy(() -> recipient.token.session().setAttributes(key, decrypt))
                .isInstanceOf(Pkcs11Exception.class);
        assertThatThrownBy(() -> recipient.token.session().copyObject(key, decrypt))
                .isInstanceOf(Pkcs11Exception.class);
    }

    @Test
    void theTokenUnwrapsATransportKeyThatIsHidden() {
        byte[] wrapped = TestSender.oaep(recipient.keys.receiverPublicKey(), new byte[32]);

        recipient.token.session().destroyObject(unwrap(wrapped, transportKeyBut(Cka.UNWRAP)));
    }

    @ParameterizedTest
    @EnumSource(names = {"SENSITIVE", "EXTRACTABLE", "DECRYPT", "WRAP"})
    void theTokenUnwrapsNoTransportKeyThatCanBeReadOrDecryptsOrWraps(Cka changed) {
        byte[] wrapped = TestSender.oaep(recipient.keys.receiverPublicKey(), new byte[32]);
        Template template = transportKeyBut(changed);

        assertThatThrownBy(() -> unwrap(wrapped, template))
                .isInstanceOfSatisfying(
                        Pkcs11Exception.class, e -> assertThat(e.ckr()).isEqualTo(Ckr.TEMPLATE_INCONSISTENT));
    }

    @Test
    void preparingAgainChangesNothing() throws Exception {
        PublicKey receiver = recipient.keys.receiverPublicKey();
        X509Certificate certificate = recipient.keys.envelopeCertificate();

        try (RecipientToken again = TestRecipient.open(recipient.scratch)) {
            new RecipientKeys(again).prepare("somebody else");

            assertThat(new RecipientKeys(again).receiverPublicKey()).isEqualTo(receiver);
            assertThat(new RecipientKeys(again).envelopeCertificate()).isEqualTo(certificate);
        }
    }

    @Test
    void aLostCertificateIsMadeAnewForTheSameKey() throws Exception {
        try (TestRecipient other = new TestRecipient()) {
            X509Certificate lost = other.keys.envelopeCertificate();
            other.token
                    .session()
                    .destroyObject(other.token
                            .find(Ck.CKO_CERTIFICATE, RecipientKeys.ENVELOPE)
                            .orElseThrow());
            other.keys.prepare(TestRecipient.NAME);

            X509Certificate made = other.keys.envelopeCertificate();
            assertThat(made).isNotEqualTo(lost);
            assertThat(made.getPublicKey()).isEqualTo(lost.getPublicKey());
        }
    }

    @Test
    void theCertificateIsSelfSignedForKeyAgreement() throws Exception {
        X509Certificate certificate = recipient.keys.envelopeCertificate();

        certificate.verify(certificate.getPublicKey());
        certificate.checkValidity();
        assertThat(certificate.getKeyUsage())
                .containsExactly(true, false, false, false, true, false, false, false, false);
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=ACME Cards\\, Inc.");
        assertThat(recipient.identity.certificate()).isEqualTo(certificate);
        assertThat(recipient.identity.key().getEncoded()).isNull();
    }

    @Test
    void whatTheSenderNeedsIsExportedAsPem() throws Exception {
        PublicKey receiver = recipient.keys.receiverPublicKey();
        X509Certificate certificate = recipient.keys.envelopeCertificate();

        assertThat(((RSAPublicKey) receiver).getModulus().bitLength()).isEqualTo(3072);
        assertThat(parse(Pem.of(receiver)))
                .isInstanceOfSatisfying(
                        SubjectPublicKeyInfo.class,
                        info -> assertThat(encoded(info)).isEqualTo(receiver.getEncoded()));
        assertThat(parse(Pem.of(certificate)))
                .isInstanceOfSatisfying(
                        X509CertificateHolder.class,
                        holder -> assertThat(holder.getSerialNumber()).isEqualTo(certificate.getSerialNumber()));
    }

    @Test
    void aTokenThatWasNotPreparedSaysSo() {
        ScratchToken empty = ScratchToken.create();
        try (RecipientToken token = TestRecipient.open(empty);
                Secret pin = ScratchToken.userPin()) {
            RecipientKeys keys = new RecipientKeys(token);

            assertThatThrownBy(keys::receiverPublicKey)
                    .isInstanceOf(TokenException.class)
                    .hasMessageContaining("prepare");
            assertThatThrownBy(() -> keys.envelopeIdentity(pin)).hasMessageContaining("prepare");
            assertThatThrownBy(() -> new TransportKeyReceiver(token)).hasMessageContaining("prepare");
        }
    }

    /** What the receiver key insists on, with one attribute the other way round. */
    private static Template transportKeyBut(Cka changed) {
        Template.Builder template = Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_AES)
                .with(Cka.TOKEN, false);
        Map.of(Cka.SENSITIVE, true, Cka.EXTRACTABLE, false, Cka.DECRYPT, false, Cka.WRAP, false, Cka.UNWRAP, true)
                .forEach((attribute, value) -> template.with(attribute, value != (attribute == changed)));
        return template.build();
    }

    private static long unwrap(byte[] wrapped, Template template) {
        try (Arena arena = Arena.ofConfined()) {
            return recipient
                    .token
                    .session()
                    .unwrapKey(
                            ScratchToken.profile().oaep(),
                            recipient.keys.receiverPrivateKey(),
                            arena.allocateFrom(ValueLayout.JAVA_BYTE, wrapped),
                            wrapped.length,
                            template);
        }
    }

    private static long find(long objectClass, String label) {
        return recipient.token.find(objectClass, label).orElseThrow();
    }

    private static boolean is(long key, Cka attribute) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(1);
            assertThat(recipient.token.session().getAttribute(key, attribute, value))
                    .as("length of %s", attribute)
                    .isEqualTo(1);
            return value.get(ValueLayout.JAVA_BYTE, 0) != 0;
        }
    }

    private static Object parse(String pem) throws Exception {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            return parser.readObject();
        }
    }

    private static byte[] encoded(SubjectPublicKeyInfo info) {
        try {
            return info.getEncoded();
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }
}
