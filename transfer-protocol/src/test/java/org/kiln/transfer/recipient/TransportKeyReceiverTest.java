package org.kiln.transfer.recipient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Template;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.keyblock.TransportKeyFile;

class TransportKeyReceiverTest {

    private static TestRecipient recipient;
    private static TestSender sender;

    @BeforeAll
    static void prepare() {
        recipient = new TestRecipient();
        sender = new TestSender("shared");
    }

    @AfterAll
    static void close() {
        sender.close();
        recipient.close();
    }

    @ParameterizedTest
    @EnumSource
    void aReceivedKeyHasTheOneRightOfItsUse(KeyUse use) throws Exception {
        String label = "good-" + use;
        String kcv = receive(label, wrapped(), use);

        assertThat(kcv).isEqualTo(sender.kcv(KcvConvention.ZERO_BLOCK, 3));
        long key = recipient.token.find(Ck.CKO_SECRET_KEY, label).orElseThrow();
        assertThat(is(key, Cka.TOKEN)).isTrue();
        assertThat(is(key, Cka.PRIVATE)).isTrue();
        assertThat(is(key, Cka.SENSITIVE)).isTrue();
        Cka right = use == KeyUse.KEY_BLOCKS ? Cka.SIGN : Cka.UNWRAP;
        for (Cka each : new Cka[] {
            Cka.EXTRACTABLE,
            Cka.MODIFIABLE,
            Cka.ENCRYPT,
            Cka.DECRYPT,
            Cka.WRAP,
            Cka.UNWRAP,
            Cka.SIGN,
            Cka.VERIFY,
            Cka.DERIVE
        }) {
            assertThat(is(key, each)).as("%s", each).isEqualTo(each == right);
        }
        assertThat(recipient.sessionObjects()).isZero();
    }

    @Test
    void nobodyGivesAReceivedKeyAnotherRight() throws Exception {
        receive("locked", wrapped(), KeyUse.LABORATORY);
        long key = recipient.token.find(Ck.CKO_SECRET_KEY, "locked").orElseThrow();
        Template decrypt = Template.builder().with(Cka.DECRYPT, true).build();

        assertThatThrownBy(() -> recipient.token.session().setAttributes(key, decrypt))
                .isInstanceOf(Pkcs11Exception.class);
        assertThatThrownBy(() -> recipient.token.session().copyObject(key, decrypt))
                .isInstanceOf(Pkcs11Exception.class);
    }

    @Test
    void bothCheckValuesAreKeptBesideTheKey() throws Exception {
        receive("kept", wrapped(), KeyUse.PRODUCTION);

        assertThat(CheckValues.keptWith(
                        recipient.token.session(),
                        recipient.token.find(Ck.CKO_SECRET_KEY, "kept").orElseThrow()))
                .isEqualTo(new CheckValues(sender.kcv(KcvConvention.ZERO_BLOCK, 5), sender.kcv(KcvConvention.CMAC, 5)));
    }

    @Test
    void aTakenLabelIsRefusedAndTheOldKeyStays() throws Exception {
        receive("taken", wrapped(), KeyUse.PRODUCTION);
        long old = recipient.token.find(Ck.CKO_SECRET_KEY, "taken").orElseThrow();
        byte[] another = TestSender.oaep(recipient.keys.receiverPublicKey(), new byte[32]);

        assertThatThrownBy(() -> receive("taken", another, KeyUse.PRODUCTION))
                .isInstanceOf(RecipientException.LabelTaken.class)
                .hasMessageContaining("another label");
        assertThat(recipient.token.find(Ck.CKO_SECRET_KEY, "taken")).contains(old);
        assertThat(CheckValues.keptWith(recipient.token.session(), old).zeroBlock())
                .isEqualTo(sender.kcv(KcvConvention.ZERO_BLOCK, 5));
    }

    static Stream<byte[]> refused() {
        byte[] good = sender.wrapTransportKey(recipient.keys.receiverPublicKey());
        byte[] changed = good.clone();
        changed[200] ^= 1;
        byte[] tooLarge = good.clone();
        Arrays.fill(tooLarge, (byte) 0xff);
        return Stream.of(
                changed, Arrays.copyOf(good, 383), Arrays.copyOf(good, 385), tooLarge, new byte[0], new byte[384]);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatDoesNotUnwrapLeavesNoKey(byte[] wrapped) {
        assertThatThrownBy(() -> receive("bad", wrapped, KeyUse.PRODUCTION))
                .isInstanceOf(RecipientException.TransportKeyRefused.class)
                .hasMessageContaining("public key");
        assertThat(recipient.token.find(Ck.CKO_SECRET_KEY, "bad")).isEmpty();
        assertThat(recipient.sessionObjects()).isZero();
    }

    @Test
    void aKeyForAnotherRecipientIsRefused() {
        try (TestRecipient other = new TestRecipient()) {
            byte[] wrapped = sender.wrapTransportKey(other.keys.receiverPublicKey());

            assertThatThrownBy(() -> receive("others", wrapped, KeyUse.PRODUCTION))
                    .isInstanceOf(RecipientException.TransportKeyRefused.class);
        }
    }

    @Test
    void aFilesKeyIsTakenUnderItsLabel() throws Exception {
        TransportKeyFile file = sender.keyFile(recipient.keys.receiverPublicKey());

        assertThat(new TransportKeyReceiver(recipient.token).receive(file, "from-file", KeyUse.PRODUCTION))
                .isEqualTo(file.kcvZero());
        assertThat(recipient.token.find(Ck.CKO_SECRET_KEY, "from-file")).isPresent();
    }

    @Test
    void aFileForAnotherTokenSaysSo() {
        try (TestRecipient other = new TestRecipient()) {
            TransportKeyFile file = sender.keyFile(other.keys.receiverPublicKey());

            assertThatThrownBy(() ->
                            new TransportKeyReceiver(recipient.token).receive(file, "others-file", KeyUse.PRODUCTION))
                    .isInstanceOf(RecipientException.ForAnotherToken.class)
                    .hasMessageContaining(file.recipientKey());
        }
    }

    @Test
    void aKeyWrappedByEcdhIsRefusedWithTheWayOut() {
        TransportKeyFile agreed = new TransportKeyFile(
                TransportKeyFile.AGREED_FORMAT,
                "agreed",
                "operator",
                "acme",
                "AES-256",
                "000000",
                "0000000000",
                TransportKeyFile.Wrapping.ECDH_X25519_SHA256_KWP,
                "00".repeat(32),
                "09".repeat(32),
                "00".repeat(40));

        assertThatThrownBy(() -> new TransportKeyReceiver(recipient.token).receive(agreed, "agreed", KeyUse.PRODUCTION))
                .isInstanceOf(RecipientException.WrappingNotTaken.class)
                .hasMessageContaining("RSA");
    }

    @Test
    void aFileWhoseCheckValueIsAnotherLeavesNoKey() {
        TransportKeyFile good = sender.keyFile(recipient.keys.receiverPublicKey());
        TransportKeyFile bad = new TransportKeyFile(
                good.format(),
                good.label(),
                good.from(),
                good.to(),
                good.algorithm(),
                good.kcvZero(),
                "0123456789",
                good.wrapping(),
                good.recipientKey(),
                null,
                good.wrapped());

        assertThatThrownBy(() -> new TransportKeyReceiver(recipient.token).receive(bad, "differs", KeyUse.PRODUCTION))
                .isInstanceOf(RecipientException.TransportKeyDiffers.class);
        assertThat(recipient.token.find(Ck.CKO_SECRET_KEY, "differs")).isEmpty();
        assertThat(recipient.sessionObjects()).isZero();
    }

    private static String receive(String label, byte[] wrapped, KeyUse use) throws RecipientException {
        return new TransportKeyReceiver(recipient.token).receive(label, wrapped, use);
    }

    private static byte[] wrapped() {
        return sender.wrapTransportKey(recipient.keys.receiverPublicKey());
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
}
