package org.kiln.transfer.recipient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.token.ScratchToken;
import org.kiln.transfer.Seeds;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.ColumnRule;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.batch.Wrapping;
import org.kiln.transfer.tr31.OptionalBlock;
import org.kiln.transfer.tr31.Tr31;
import org.kiln.transfer.tr31.Tr31Header;

/** Columns of key blocks, opened into the token of a recipient who holds their protection key. */
class KeyBlockColumnTest {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final byte[] KI = octets("00112233445566778899AABBCCDDEEFF");
    private static final byte[] TOPC = octets("FFEEDDCCBBAA99887766554433221100".repeat(2));
    private static final byte[] KIC = octets("0123456789ABCDEF23456789ABCDEF014567890123456789");

    private static TestRecipient recipient;
    private static TestSender sender;

    @TempDir
    private Path folder;

    @BeforeAll
    static void exchangeKeys() throws Exception {
        recipient = new TestRecipient();
        sender = new TestSender("acme-blocks");
        recipient.receiveFrom(sender, KeyUse.KEY_BLOCKS);
    }

    @AfterAll
    static void close() {
        sender.close();
        recipient.close();
    }

    private static byte[] octets(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static Tr31Header header(String usage, String algorithm, String mode, char exportability) {
        return new Tr31Header(usage, algorithm, mode, "00", exportability, List.of());
    }

    private static String block(byte[] kbpk, Tr31Header header, byte[] key) {
        try (Secret protection = Secret.takeFrom(kbpk.clone());
                Secret value = Secret.takeFrom(key.clone())) {
            return Tr31.wrap(protection, header, value);
        }
    }

    private static String block(Tr31Header header, byte[] key) {
        return block(sender.transportKey, header, key);
    }

    private static Column column(String name, String usage, Content content) {
        return Column.keyBlock(name, sender.label, sender.kcv(KcvConvention.ZERO_BLOCK, 3), usage, content);
    }

    private static List<Column> columns() {
        return List.of(
                Column.clear("ICCID"),
                column("KI", "10", Content.AES_KEY),
                Column.kcv("KI", KcvConvention.ZERO_BLOCK),
                column("TOPC", "11", Content.AES_KEY),
                column("KIC1", "42", Content.DES_KEY),
                Column.kcv("KIC1", KcvConvention.ZERO_BLOCK));
    }

    private static Map<String, String> row() throws Exception {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("ICCID", "8949000000000000000");
        row.put("KI", block(header("10", "A", "N", 'E'), KI));
        row.put("KI_KCV", HEX.formatHex(TestSender.encrypt(KI, new byte[16]), 0, 3));
        row.put("TOPC", block(header("11", "A", "N", 'E'), TOPC));
        row.put("KIC1", block(header("42", "T", "N", 'E'), KIC));
        Cipher des = Cipher.getInstance("DESede/ECB/NoPadding");
        des.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(KIC, "DESede"));
        row.put("KIC1_KCV", HEX.formatHex(des.doFinal(new byte[8]), 0, 3));
        return row;
    }

    private Path fileWith(String column, String value) throws Exception {
        Map<String, String> row = row();
        row.put(column, value);
        return sender.seal(folder, recipient, columns(), List.of(row));
    }

    private void assertRefused(Path file, Class<? extends RecipientException> by, String why) throws Exception {
        BatchOpener opener = recipient.opener(sender);
        assertThatThrownBy(() -> opener.open(file, card -> {}))
                .isInstanceOf(by)
                .hasMessageContaining(why)
                .hasMessageNotContaining(HEX.formatHex(KI));
        assertThat(recipient.sessionObjects()).isZero();
    }

    @Test
    void keysComeIntoTheTokenHiddenAndTheirCheckValuesAreCompared() throws Exception {
        Path file = sender.seal(folder, recipient, columns(), List.of(row(), row()));
        List<byte[]> answers = new ArrayList<>();

        BatchOpener.Opened opened = recipient.opener(sender).open(file, card -> {
            assertThat(card.keys()).containsOnlyKeys("KI", "TOPC", "KIC1");
            for (long key : card.keys().values()) {
                assertThat(is(key, Cka.SENSITIVE)).isTrue();
                assertThat(is(key, Cka.EXTRACTABLE)).isFalse();
                assertThat(is(key, Cka.TOKEN)).isFalse();
                assertThat(is(key, Cka.DECRYPT)).isFalse();
            }
            answers.add(encrypt(card.key("KI").orElseThrow()));
        });

        assertThat(opened).isEqualTo(new BatchOpener.Opened(2, 6, 4));
        assertThat(answers).allSatisfy(answer -> assertThat(answer).isEqualTo(TestSender.encrypt(KI, new byte[16])));
        assertThat(recipient.sessionObjects()).isZero();
    }

    @Test
    void theProtectionKeyComputesMacsAndNothingElse() {
        long key = recipient.token.find(Ck.CKO_SECRET_KEY, sender.label).orElseThrow();
        assertThat(List.of(Cka.ENCRYPT, Cka.DECRYPT, Cka.WRAP, Cka.UNWRAP, Cka.DERIVE, Cka.EXTRACTABLE, Cka.MODIFIABLE))
                .noneMatch(right -> is(key, right));
        assertThat(is(key, Cka.SIGN)).isTrue();
        assertThat(is(key, Cka.SENSITIVE)).isTrue();
    }

    @Test
    void theyCanBeWrappedAgainUnderTheRecipientsOwnKey() throws Exception {
        session()
                .generateKey(
                        Mechanism.of(Ckm.AES_KEY_GEN),
                        Template.builder()
                                .with(Cka.TOKEN, true)
                                .label("machine-7")
                                .with(Cka.WRAP, true)
                                .with(Cka.VALUE_LEN, 32L)
                                .build());
        Path file = sender.seal(folder, recipient, columns(), List.of(row()));
        BatchOpener opener = recipient.opener(sender, Rewrap.ALLOWED);

        BatchOpener.Opened opened = new BatchRewrapper(recipient.token, "machine-7")
                .rewrap(opener, file, opener.verify(file), folder.resolve("machine-7.zip"));

        assertThat(opened.keys()).isEqualTo(3);
        assertThat(folder.resolve("machine-7.zip")).isNotEmptyFile();
    }

    @Test
    void aBlockThatMayNotBeWrappedAgainIsOpenedAndNotWrappedAgain() throws Exception {
        Path file = fileWith("KI", block(header("10", "A", "N", 'N'), KI));
        assertThat(recipient.opener(sender).open(file, card -> {}).keys()).isEqualTo(3);
        BatchOpener opener = recipient.opener(sender, Rewrap.ALLOWED);
        assertThatThrownBy(() -> opener.open(file, card -> {}))
                .isInstanceOf(RecipientException.KeyBlockMisfits.class)
                .hasMessageContaining("must not be wrapped again");
    }

    @Test
    void aChangedBlockIsRefused() throws Exception {
        String good = row().get("KI");
        char last = good.charAt(good.length() - 1);
        assertRefused(
                fileWith("KI", good.substring(0, good.length() - 1) + (last == '0' ? '1' : '0')),
                RecipientException.KeyBlockRefused.class,
                "Line 2, column KI: The key block was changed, or is protected by another key");
    }

    @Test
    void aBlockUnderAnotherKeyIsRefused() throws Exception {
        assertRefused(
                fileWith("TOPC", block(new byte[32], header("11", "A", "N", 'E'), TOPC)),
                RecipientException.KeyBlockRefused.class,
                "column TOPC: The key block was changed, or is protected by another key");
    }

    @Test
    void aColumnUnderAnotherKeyOfThatLabelIsRefusedBeforeAnyBlockIsOpened() throws Exception {
        try (TestRecipient other = new TestRecipient();
                TestSender another = new TestSender(sender.label)) {
            other.receiveFrom(another, KeyUse.KEY_BLOCKS);
            Path his = sender.seal(folder, other, columns(), List.of(row()));
            assertThatThrownBy(() -> other.opener(sender).open(his, card -> {}))
                    .isInstanceOf(RecipientException.WrongTransportKey.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "11, A, N, 'is of usage 11, not 10'",
        "K0, A, N, 'is of usage K0, not 10'",
        "10, T, N, 'is of algorithm T, not A'",
        "10, A, D, 'has the mode of use D, not N'"
    })
    void aKeyForAnotherUseIsRefused(String usage, String algorithm, String mode, String why) throws Exception {
        assertRefused(
                fileWith("KI", block(header(usage, algorithm, mode, 'E'), KI)),
                RecipientException.KeyBlockMisfits.class,
                "Line 2, column KI: the key in the block " + why);
    }

    @Test
    void aKeyOfALengthThatIsNoneOfItsKindIsRefused() throws Exception {
        assertRefused(
                fileWith("KI", block(header("10", "A", "N", 'E'), Arrays.copyOf(KI, 15))),
                RecipientException.KeyBlockMisfits.class,
                "has 15 octets");
    }

    @Test
    void anotherKeyThanItsCheckValueTellsIsRefused() throws Exception {
        assertRefused(
                fileWith("KI", block(header("10", "A", "N", 'E'), new byte[16])),
                RecipientException.CheckValueDiffers.class,
                "column KI");
    }

    @Test
    void aKeyThatWasReceivedToUnwrapOpensNoBlocks() throws Exception {
        try (TestRecipient other = new TestRecipient()) {
            other.receiveFrom(sender, KeyUse.PRODUCTION);
            Path file = sender.seal(folder, other, columns(), List.of(row()));
            assertThatThrownBy(() -> other.opener(sender).open(file, card -> {}))
                    .isInstanceOf(RecipientException.NoKeyBlockKey.class)
                    .hasMessageContaining("--use KEY_BLOCKS");
        }
    }

    @Test
    void codesAndTextsHaveNoBlocksAndUsagesAreNumeric() {
        assertThatThrownBy(() -> column("PIN1", "10", Content.CODE)).hasMessageContaining("take keys only");
        assertThatThrownBy(() -> column("KI", "K0", Content.AES_KEY)).hasMessageContaining("10 to 99");
        assertThatThrownBy(() -> column("KI", "09", Content.AES_KEY)).hasMessageContaining("10 to 99");
        ColumnRule rule = new ColumnRule(column("KI", "10", Content.AES_KEY));
        for (String value : List.of("", "D0016", "00112233", HEX.formatHex(KI).repeat(2))) {
            assertThat(rule.brokenBy(value)).as(value).isPresent();
        }
        String labelled =
                block(new Tr31Header("10", "A", "N", "00", 'E', List.of(new OptionalBlock("LB", "no lower case"))), KI);
        assertThat(rule.brokenBy(labelled)).as("optional blocks of any text").isPresent();
        assertThat(new ColumnRule(Column.wrapped("KI", "k", "A1B2C3", Wrapping.AES_KWP, Content.AES_KEY))
                        .brokenBy(block(header("10", "A", "N", 'E'), KI)))
                .as("a block where a wrapped value is to be")
                .isPresent();
    }

    /** Whatever stands in the column, it is refused by name, and no key of it stays in the token. */
    @ParameterizedTest
    @MethodSource("seeds")
    void anythingElseIsRefusedByName(long seed) throws Exception {
        Random random = Seeds.random(seed);
        String good = row().get("KI");
        String mutant =
                new String(Seeds.mutate(good.getBytes(StandardCharsets.US_ASCII), random), StandardCharsets.ISO_8859_1);
        if (mutant.equals(good)
                || new ColumnRule(columns().get(1)).brokenBy(mutant).isPresent()) {
            return;
        }
        assertRefused(fileWith("KI", mutant), RecipientException.class, "column KI");
    }

    static LongStream seeds() {
        return Seeds.of(10);
    }

    private static Session session() {
        return recipient.token.session();
    }

    private static byte[] encrypt(long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(16);
            session().encrypt(ScratchToken.profile().aesEcb(), key, arena.allocate(16), 16, out);
            return out.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static boolean is(long key, Cka attribute) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(1);
            return session().getAttribute(key, attribute, value) == 1 && value.get(ValueLayout.JAVA_BYTE, 0) != 0;
        }
    }
}
