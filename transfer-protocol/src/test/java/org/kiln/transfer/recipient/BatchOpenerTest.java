package org.kiln.transfer.recipient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.ScratchToken;
import org.kiln.transfer.batch.KeyReference;

/** A sender's file and its recipient, whose envelope key and transport key are in his token. */
class BatchOpenerTest {

    private static final byte[] BLOCK = "sixteen octets!!".getBytes();

    private static TestRecipient recipient;
    private static TestSender sender;

    @TempDir
    private Path folder;

    @BeforeAll
    static void exchangeKeys() throws Exception {
        recipient = new TestRecipient();
        sender = new TestSender("acme-2026");
        recipient.receiveFrom(sender, KeyUse.PRODUCTION);
    }

    @AfterAll
    static void close() {
        sender.close();
        recipient.close();
    }

    @Test
    void verifyTellsWhatTheFileIs() throws Exception {
        Path file = sender.file(folder, recipient);

        BatchOpener.CheckedBatch checked = recipient.opener(sender).verify(file);

        assertThat(checked.manifest().orderId()).isEqualTo("order-17");
        assertThat(checked.manifest().quantity()).isEqualTo(TestSender.CARDS);
        assertThat(checked.signer()).isEqualTo(sender.signer.certificate());
        assertThat(checked.sha256())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))));
    }

    @Test
    void everyCardComesWithItsClearValuesAndItsKeys() throws Exception {
        List<String> iccids = new ArrayList<>();
        BatchOpener.Opened opened = recipient.opener(sender).open(sender.file(folder, recipient), card -> {
            assertThat(card.line()).isEqualTo(iccids.size() + 2L);
            assertThat(card.keys()).containsOnlyKeys(TestSender.WRAPPED);
            iccids.add(card.value("ICCID").orElseThrow());
        });

        assertThat(iccids).containsExactly("8949000000000000000", "8949000000000000001", "8949000000000000002");
        assertThat(opened).isEqualTo(new BatchOpener.Opened(3, 18, 9));
    }

    @Test
    void aCardCanBeSimulatedWithItsKi() throws Exception {
        List<byte[]> answers = new ArrayList<>();
        recipient
                .opener(sender)
                .open(
                        sender.file(folder, recipient),
                        card -> answers.add(encrypt(card.key("KI").orElseThrow())));

        assertThat(answers)
                .containsExactly(
                        TestSender.encrypt(TestSender.plain("KI", 0), BLOCK),
                        TestSender.encrypt(TestSender.plain("KI", 1), BLOCK),
                        TestSender.encrypt(TestSender.plain("KI", 2), BLOCK));
    }

    @Test
    void valuesAreHiddenAndCannotLeave() throws Exception {
        recipient
                .opener(sender)
                .open(
                        sender.file(folder, recipient),
                        card -> card.keys().forEach((column, key) -> {
                            assertThat(is(key, Cka.SENSITIVE)).as(column).isTrue();
                            assertThat(is(key, Cka.EXTRACTABLE)).as(column).isFalse();
                            assertThat(is(key, Cka.TOKEN)).as(column).isFalse();
                            assertThat(is(key, Cka.DECRYPT)).as(column).isFalse();
                            assertThat(is(key, Cka.WRAP)).as(column).isFalse();
                            try (Arena arena = Arena.ofConfined()) {
                                assertThat(session().getAttribute(key, Cka.VALUE, arena.allocate(64)))
                                        .as(column)
                                        .isEqualTo(Ck.UNAVAILABLE);
                            }
                        }));
    }

    @Test
    void aKeyHasNoMoreRightsThanItsUseAndItsCheckValueNeed() throws Exception {
        Map<String, List<Cka>> rights = Map.of(
                "KI", List.of(Cka.ENCRYPT),
                "OPC", List.of(),
                "KIC1", List.of(Cka.SIGN),
                "KID1", List.of(Cka.ENCRYPT),
                "PIN1", List.of(),
                "NAME", List.of());

        recipient
                .opener(sender)
                .open(
                        sender.file(folder, recipient),
                        card -> card.keys()
                                .forEach((column, key) -> assertThat(List.of(
                                                        Cka.ENCRYPT,
                                                        Cka.DECRYPT,
                                                        Cka.WRAP,
                                                        Cka.UNWRAP,
                                                        Cka.SIGN,
                                                        Cka.VERIFY,
                                                        Cka.DERIVE)
                                                .stream()
                                                .filter(right -> is(key, right)))
                                        .as(column)
                                        .containsExactlyElementsOf(rights.get(column))));
    }

    @Test
    void keysAreDestroyedWhenTheConsumerReturns() throws Exception {
        List<Long> seen = new ArrayList<>();
        recipient.opener(sender).open(sender.file(folder, recipient), card -> {
            assertThat(recipient.sessionObjects()).isEqualTo(TestSender.WRAPPED.size());
            seen.addAll(card.keys().values());
        });

        assertThat(recipient.sessionObjects()).isZero();
        assertThatThrownBy(() -> encrypt(seen.getFirst()))
                .isInstanceOfSatisfying(
                        Pkcs11Exception.class, e -> assertThat(e.ckr().kind()).isEqualTo(Ckr.Kind.SESSION));
    }

    @Test
    void keptCardsStayUntilTheyAreClosed() throws Exception {
        List<Card> kept = new ArrayList<>();
        recipient.opener(sender).open(sender.file(folder, recipient), card -> {
            if (card.line() == 3) {
                card.keep();
                kept.add(card);
            }
        });

        assertThat(kept).hasSize(1);
        assertThat(encrypt(kept.getFirst().key("KI").orElseThrow()))
                .isEqualTo(TestSender.encrypt(TestSender.plain("KI", 1), BLOCK));
        kept.getFirst().close();
        assertThat(kept.getFirst().keys()).isEmpty();
        assertThat(recipient.sessionObjects()).isZero();
    }

    @Test
    void whatAConsumerThrowsComesThroughAndLeavesNoKeys() throws Exception {
        Path file = sender.file(folder, recipient);
        BatchOpener opener = recipient.opener(sender);

        assertThatThrownBy(() -> opener.open(file, card -> {
                    card.keep();
                    throw new java.io.IOException("disk full");
                }))
                .hasMessage("disk full");
        assertThat(recipient.sessionObjects()).isZero();
    }

    @Test
    void onRequestValuesMayBeWrappedAgain() throws Exception {
        Path file = sender.file(folder, recipient);
        long wrapping = session()
                .generateKey(
                        Mechanism.of(Ckm.AES_KEY_GEN),
                        Template.builder()
                                .with(Cka.TOKEN, false)
                                .with(Cka.WRAP, true)
                                .with(Cka.VALUE_LEN, 32L)
                                .build());
        try {
            recipient
                    .opener(sender, Rewrap.ALLOWED)
                    .open(
                            file,
                            card -> assertThat(wrap(wrapping, card.key("KI").orElseThrow()))
                                    .isEqualTo(24));
            assertThatThrownBy(() -> recipient
                            .opener(sender)
                            .open(file, card -> wrap(wrapping, card.key("KI").orElseThrow())))
                    .isInstanceOfSatisfying(
                            Pkcs11Exception.class, e -> assertThat(e.ckr()).isEqualTo(Ckr.KEY_UNEXTRACTABLE));
        } finally {
            session().destroyObject(wrapping);
        }
    }

    @Test
    void aManifestMayStateEitherCheckValueOfTheTransportKey() throws Exception {
        KeyReference both = sender.reference();
        KeyReference cmac = new KeyReference(both.label(), both.algorithm(), null, both.kcvCmac());
        Path file = sender.file(folder, recipient.identity.certificate(), TestRecipient.NAME, cmac, (card, row) -> {});

        assertThat(recipient.opener(sender).open(file, card -> {}).cards()).isEqualTo(TestSender.CARDS);
    }

    private static Session session() {
        return recipient.token.session();
    }

    private static byte[] encrypt(long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(16);
            session()
                    .encrypt(
                            ScratchToken.profile().aesEcb(),
                            key,
                            arena.allocateFrom(ValueLayout.JAVA_BYTE, BLOCK),
                            16,
                            out);
            return out.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static int wrap(long wrapping, long key) {
        try (Arena arena = Arena.ofConfined()) {
            return session().wrapKey(ScratchToken.profile().aesKeyWrapPadded(), wrapping, key, arena.allocate(64));
        }
    }

    private static boolean is(long key, Cka attribute) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(1);
            assertThat(session().getAttribute(key, attribute, value))
                    .as("length of %s", attribute)
                    .isEqualTo(1);
            return value.get(ValueLayout.JAVA_BYTE, 0) != 0;
        }
    }
}
