package org.kiln.transfer.recipient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.batch.Wrapping;

/** 3DES keys made in one token, wrapped under an AES key, opened in another. */
class DesKeysInTokenTest {

    private static TestRecipient recipient;
    private static TestSender sender;
    private static TestSender laboratory;

    @TempDir
    private Path folder;

    @BeforeAll
    static void exchangeKeys() throws Exception {
        recipient = new TestRecipient();
        sender = new TestSender("des");
        laboratory = new TestSender("des-laboratory");
        recipient.receiveFrom(sender, KeyUse.PRODUCTION);
        recipient.receiveFrom(laboratory, KeyUse.LABORATORY);
    }

    @AfterAll
    static void close() {
        sender.close();
        laboratory.close();
        recipient.close();
    }

    private static TestSender.Generated des(TestSender from, int parts) {
        return from.generate(
                parts == 2 ? Ckm.DES2_KEY_GEN : Ckm.DES3_KEY_GEN,
                Template.builder()
                        .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                        .with(Cka.KEY_TYPE, parts == 2 ? Ck.CKK_DES2 : Ck.CKK_DES3)
                        .with(Cka.TOKEN, false)
                        .with(Cka.SENSITIVE, true)
                        .with(Cka.EXTRACTABLE, true)
                        .with(Cka.ENCRYPT, false)
                        .build());
    }

    private static List<Column> columns(TestSender from) {
        return List.of(
                Column.clear("ICCID"),
                Column.wrapped(
                        "KIC1", from.label, from.kcv(KcvConvention.ZERO_BLOCK, 3), Wrapping.AES_KWP, Content.DES_KEY),
                Column.kcv("KIC1", KcvConvention.ZERO_BLOCK));
    }

    private static Map<String, String> row(String wrapped, String kcv) {
        return Map.of("ICCID", "8949000000000000001", "KIC1", wrapped, "KIC1_KCV", kcv);
    }

    @Test
    void keysOfTwoAndOfThreePartsAreOpenedAndHaveTheSendersCheckValues() throws Exception {
        TestSender.Generated two = des(sender, 2);
        TestSender.Generated three = des(sender, 3);
        assertThat(two.wrapped()).hasSize(2 * 24);
        assertThat(three.wrapped()).hasSize(2 * 32);
        List<String> checked = new ArrayList<>();

        BatchOpener.Opened opened = recipient
                .opener(sender)
                .open(
                        sender.seal(
                                folder,
                                recipient,
                                columns(sender),
                                List.of(row(two.wrapped(), two.kcv()), row(three.wrapped(), three.kcv()))),
                        card -> checked.add(CheckValues.ofDesKey(
                                        recipient.token.session(),
                                        card.key("KIC1").orElseThrow())
                                .substring(0, 6)));

        assertThat(opened).isEqualTo(new BatchOpener.Opened(2, 2, 2));
        assertThat(checked).containsExactly(two.kcv(), three.kcv());
        assertThat(recipient.sessionObjects()).isZero();
    }

    @Test
    void anotherKeysCheckValueIsNoticed() throws Exception {
        TestSender.Generated key = des(sender, 2);
        Path file = sender.seal(
                folder,
                recipient,
                columns(sender),
                List.of(row(key.wrapped(), des(sender, 2).kcv())));

        assertThatThrownBy(() -> recipient.opener(sender).open(file, _ -> {}))
                .isInstanceOf(RecipientException.CheckValueDiffers.class)
                .hasMessageContaining("ine 2")
                .hasMessageContaining("KIC1");
    }

    @Test
    void aWrappedKeyOfALengthThatNoTripleDesKeyHasIsRefusedByLineAndColumn() throws Exception {
        assertThatThrownBy(() ->
                        sender.seal(folder, recipient, columns(sender), List.of(row("00".repeat(40), "A1B2C3"))))
                .hasMessageContaining("KIC1")
                .hasMessageContaining("a 3DES key wrapped by AES_KWP has 24 or 32 octets");
    }

    @Test
    void otherCheckValuesThanOfTheZeroBlockAreRefused() {
        List<Column> columns = new ArrayList<>(columns(sender));
        columns.set(2, Column.kcv("KIC1", KcvConvention.CMAC));

        assertThatThrownBy(() -> sender.seal(folder, recipient, columns, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("check values of 3DES keys by CMAC");
    }

    /** DES's block and parity, computed by the JDK over what a laboratory may read. */
    @ParameterizedTest
    @CsvSource({"2, 16", "3, 24"})
    void whatTheTokenMadeIsAKeyOfDesWithItsParity(int parts, int octets) throws Exception {
        TestSender.Generated made = des(laboratory, parts);
        try (Secret key = new LabReveal(recipient.token, laboratory.label).reveal(made.wrapped())) {
            byte[] value = key.expose(SecretAccess.granted()).toArray(ValueLayout.JAVA_BYTE);
            assertThat(value).hasSize(octets);
            for (byte octet : value) {
                assertThat(Integer.bitCount(octet & 0xff) % 2).isOne();
            }
            Cipher des = Cipher.getInstance("DESede/ECB/NoPadding");
            byte[] three = parts == 3 ? value : Arrays.copyOf(value, 24);
            System.arraycopy(three, 0, three, 16, parts == 3 ? 0 : 8);
            des.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(three, "DESede"));
            assertThat(HexFormat.of().withUpperCase().formatHex(des.doFinal(new byte[8]), 0, 3))
                    .isEqualTo(made.kcv());
        }
    }
}
