package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.security.interfaces.RSAPublicKey;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.keys.TransportKeyReceipt.Purpose;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

class TransportKeyReceiptTest {

    private static final byte[] VALUE = HexFormat.of().parseHex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8");

    private ScratchKeys keys;
    private TransportKeyReceipt receipt;

    @BeforeEach
    void create() {
        keys = ScratchKeys.create();
        receipt = new TransportKeyReceipt(keys.ceremony());
    }

    @AfterEach
    void close() {
        keys.close();
    }

    private static byte[] wrap(RSAPublicKey offered, byte[] value) throws Exception {
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
        oaep.init(Cipher.ENCRYPT_MODE, offered);
        return oaep.doFinal(value);
    }

    private static Kcv kcv(byte[] key) throws Exception {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        Mac cmac = Mac.getInstance("AESCMAC", new BouncyCastleProvider());
        cmac.init(new SecretKeySpec(key, "AES"));
        return Kcv.of(aes.doFinal(new byte[16]), cmac.doFinal(new byte[16]));
    }

    private Kcv receive(Purpose purpose, byte[] wrapped, Kcv stated) {
        return receipt.receive("acme-in", purpose, Mechanism.oaepSha1(), wrapped, stated);
    }

    private int pairHalves() {
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            int halves = 0;
            for (long objectClass : new long[] {Ck.CKO_PUBLIC_KEY, Ck.CKO_PRIVATE_KEY}) {
                halves += session.findObjects(Template.builder()
                                .with(Cka.CLASS, objectClass)
                                .with(Cka.TOKEN, true)
                                .label("receiving/acme-in")
                                .build())
                        .length;
            }
            return halves;
        }
    }

    @Test
    void takesAPartnersKeyAsTrustedAndLocked() throws Exception {
        RSAPublicKey offered = receipt.offer("acme-in", Purpose.KI);
        assertThat(receipt.offer("acme-in", Purpose.KI)).isEqualTo(offered);

        assertThat(receive(Purpose.KI, wrap(offered, VALUE), kcv(VALUE))).isEqualTo(kcv(VALUE));

        assertThat(pairHalves()).isZero();
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            TokenObject key = TokenObject.read(session, new KeyRing().secretKey(session, "acme-in"));
            assertThat(key.flags()).containsExactlyInAnyOrder(Cka.PRIVATE, Cka.TRUSTED, Cka.SENSITIVE, Cka.UNWRAP);
            assertThat(key.forcesHidden()).isTrue();
        }
    }

    @Test
    void aKeyForOpcIsTakenWithoutTrust() throws Exception {
        RSAPublicKey offered = receipt.offer("acme-in", Purpose.OPC);

        receive(Purpose.OPC, wrap(offered, VALUE), kcv(VALUE));

        try (Session session = keys.openAs(Ck.CKU_USER)) {
            TokenObject key = TokenObject.read(session, new KeyRing().secretKey(session, "acme-in/opc"));
            assertThat(key.flags()).containsExactlyInAnyOrder(Cka.PRIVATE, Cka.SENSITIVE, Cka.UNWRAP);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"KI", "OPC"})
    void aKeyThatIsAnotherThanStatedLeavesNothingBehindAndMayBeSentAgain(Purpose purpose) throws Exception {
        RSAPublicKey offered = receipt.offer("acme-in", purpose);
        byte[] wrapped = wrap(offered, VALUE);

        assertThatThrownBy(() -> receive(purpose, wrapped, kcv(new byte[16])))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("check values");
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            assertThat(KeyRing.find(session, Ck.CKO_SECRET_KEY, "acme-in")).isEmpty();
            assertThat(KeyRing.find(session, Ck.CKO_SECRET_KEY, "acme-in/opc")).isEmpty();
        }
        assertThat(receive(purpose, wrapped, kcv(VALUE))).isEqualTo(kcv(VALUE));
    }

    @Test
    void whatWasWrappedForAnotherPairIsRefused() throws Exception {
        byte[] wrapped = wrap(receipt.offer("other-in", Purpose.KI), VALUE);
        receipt.offer("acme-in", Purpose.KI);

        assertThatThrownBy(() -> receive(Purpose.KI, wrapped, kcv(VALUE))).hasMessageContaining("does not unwrap");
    }

    @Test
    void nothingIsReceivedThatWasNotOffered() {
        assertThatThrownBy(() -> receive(Purpose.KI, new byte[384], new Kcv("000000", "0000000000")))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("kiln transport-key offer");
    }

    /** The pair is no private object, for the officer sees none; what it unwraps only he can have. */
    @Test
    void theUserCannotUnwrapWithTheOfferedPair() throws Exception {
        byte[] wrapped = wrap(receipt.offer("acme-in", Purpose.KI), VALUE);
        try (Session session = keys.openAs(Ck.CKU_USER);
                Arena arena = Arena.ofConfined()) {
            long pair = session.findObjects(Template.builder()
                    .with(Cka.CLASS, Ck.CKO_PRIVATE_KEY)
                    .label("receiving/acme-in")
                    .build())[0];
            Template readable = template(false).build();
            Template kek = template(true)
                    .with(Cka.EXTRACTABLE, false)
                    .with(Cka.UNWRAP, true)
                    .build();
            Template claimed = kek.toBuilder().with(Cka.TRUSTED, true).build();
            for (Template each : new Template[] {readable, kek, claimed}) {
                assertThatThrownBy(() -> session.unwrapKey(
                                Mechanism.oaepSha1(),
                                pair,
                                arena.allocateFrom(ValueLayout.JAVA_BYTE, wrapped),
                                wrapped.length,
                                each))
                        .isInstanceOfSatisfying(
                                Pkcs11Exception.class,
                                e -> assertThat(e.ckr()).isIn(Ckr.TEMPLATE_INCONSISTENT, Ckr.ATTRIBUTE_READ_ONLY));
            }
        }
    }

    private static Template.Builder template(boolean sensitive) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_AES)
                .with(Cka.TOKEN, false)
                .with(Cka.SENSITIVE, sensitive);
    }
}
