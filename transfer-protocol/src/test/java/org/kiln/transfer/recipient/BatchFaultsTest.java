package org.kiln.transfer.recipient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.zip.ZipInputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.transfer.batch.BatchFormatException;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.batch.KeyReference;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.Repack;
import org.kiln.transfer.envelope.EnvelopeException;
import org.kiln.transfer.envelope.Opener;
import org.kiln.transfer.envelope.Sealer;
import org.kiln.transfer.envelope.SignerTrust;

/** Files that must not be opened, each with the error that tells why. */
class BatchFaultsTest {

    private static TestRecipient recipient;
    private static TestSender sender;

    private final AtomicInteger consumed = new AtomicInteger();

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

    @AfterEach
    void noKeyIsLeftBehind() {
        assertThat(recipient.sessionObjects()).isZero();
    }

    @Test
    void anEnvelopeForSomebodyElse() throws Exception {
        try (TestRecipient other = new TestRecipient()) {
            Path file = sender.file(folder, other);

            assertRefused(sender, file).isInstanceOf(EnvelopeException.NotForThisRecipient.class);
            assertThat(consumed).hasValue(0);
        }
    }

    @Test
    void aManifestForSomebodyElse() throws Exception {
        Path file = sender.file(
                folder, recipient.identity.certificate(), "Other Cards", sender.reference(), (card, row) -> {});

        assertRefused(sender, file)
                .isInstanceOf(RecipientException.WrongRecipient.class)
                .hasMessageContaining("'Other Cards', not for '" + TestRecipient.NAME + "'");
        assertThatThrownBy(() -> recipient.opener(sender).verify(file))
                .isInstanceOf(RecipientException.WrongRecipient.class);
        assertThat(consumed).hasValue(0);
    }

    /** Somebody with the signing key swaps two cards and leaves the manifest as it was. */
    @Test
    void rowsInAnotherOrder() throws Exception {
        Path file = sender.file(folder, recipient);
        Opener opener =
                new Opener(recipient.identity, SignerTrust.pinned(sender.signer.certificate()), InstantSource.system());
        Manifest manifest = opener.open(file, opener.verify(file), in -> BatchReader.read(in, _ -> {}));
        List<String> lines = new ArrayList<>();
        opener.open(file, opener.verify(file), in -> {
            ZipInputStream zip = new ZipInputStream(in);
            zip.getNextEntry();
            zip.getNextEntry();
            return lines.addAll(List.of(new String(zip.readAllBytes(), StandardCharsets.UTF_8).split("(?<=\n)")));
        });
        Collections.swap(lines, 1, 2);
        byte[] repacked = Repack.with(manifest, String.join("", lines).getBytes(StandardCharsets.UTF_8));
        try (OutputStream out = Files.newOutputStream(file)) {
            new Sealer(sender.signer, List.of(recipient.identity.certificate()), InstantSource.system())
                    .seal(out, to -> to.write(repacked));
        }

        assertRefused(sender, file)
                .isInstanceOf(BatchFormatException.class)
                .hasMessageContaining("put in another order");
        assertThat(consumed).hasValue(0);
    }

    @Test
    void anUnknownSigner() throws Exception {
        Path file = sender.file(folder, recipient);
        try (TestSender known = new TestSender("known")) {
            assertRefused(known, file).isInstanceOf(EnvelopeException.UntrustedSigner.class);
        }
        assertThat(consumed).hasValue(0);
    }

    @Test
    void aMissingTransportKey() throws Exception {
        try (TestSender stranger = new TestSender("never-received")) {
            Path file = stranger.file(folder, recipient);

            assertThat(recipient.opener(stranger).verify(file).manifest().orderId())
                    .isEqualTo("order-17");
            assertRefused(stranger, file)
                    .isInstanceOf(RecipientException.UnknownTransportKey.class)
                    .hasMessageContaining("'never-received'")
                    .hasMessageContaining("receive-key");
        }
        assertThat(consumed).hasValue(0);
    }

    @Test
    void anotherTransportKeyOfTheSameLabel() throws Exception {
        try (TestSender mistaken = new TestSender(sender.label)) {
            assertRefused(mistaken, mistaken.file(folder, recipient))
                    .isInstanceOf(RecipientException.WrongTransportKey.class)
                    .hasMessageContaining("Wrong transport key: 'acme-2026'")
                    .hasMessageContaining(mistaken.reference().kcvZero())
                    .hasMessageContaining(sender.reference().kcvZero());
        }
        assertThat(consumed).hasValue(0);
    }

    @Test
    void anotherTransportKeyOfWhichOnlyTheCmacIsStated() throws Exception {
        try (TestSender mistaken = new TestSender(sender.label)) {
            KeyReference both = mistaken.reference();
            KeyReference cmac = new KeyReference(both.label(), both.algorithm(), null, both.kcvCmac());
            Path file = mistaken.file(
                    folder, recipient.identity.certificate(), TestRecipient.NAME, cmac, (card, row) -> {});

            assertRefused(mistaken, file).isInstanceOf(RecipientException.WrongTransportKey.class);
        }
    }

    @Test
    void anotherTransportKeyUnderARightCheckValue() throws Exception {
        try (TestSender mistaken = new TestSender(sender.label)) {
            Path file = mistaken.file(
                    folder,
                    recipient.identity.certificate(),
                    TestRecipient.NAME,
                    sender.reference(),
                    (card, row) -> {});

            assertRefused(mistaken, file)
                    .isInstanceOf(RecipientException.ValueRefused.class)
                    .hasMessageStartingWith("Line 2, column KI: the value does not unwrap");
        }
        assertThat(consumed).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"KI", "OPC", "KIC1", "PIN1", "NAME"})
    void aValueChangedBeforeItWasSealed(String column) throws Exception {
        Path file = falsified((card, row) -> {
            if (card == 1) {
                row.computeIfPresent(column, (_, hex) -> (hex.startsWith("0") ? "1" : "0") + hex.substring(1));
            }
        });

        assertRefused(sender, file)
                .isInstanceOf(RecipientException.ValueRefused.class)
                .hasMessageStartingWith("Line 3, column " + column + ":");
        assertThat(consumed).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"KI", "KIC1", "KID1"})
    void aKeyOfAnotherCard(String column) throws Exception {
        String[] first = new String[1];
        Path file = falsified((card, row) -> {
            if (card == 0) {
                first[0] = row.get(column);
            } else if (card == 2) {
                row.put(column, first[0]);
            }
        });

        assertRefused(sender, file)
                .isInstanceOf(RecipientException.CheckValueDiffers.class)
                .hasMessageStartingWith("Line 4, column " + column + ": the key does not have the check value");
        assertThat(consumed).hasValue(2);
    }

    @Test
    void aTruncatedFile() throws Exception {
        Path file = sender.file(folder, recipient);
        byte[] whole = Files.readAllBytes(file);
        for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, length));

            assertRefused(sender, file)
                    .as("%d of %d octets", length, whole.length)
                    .isInstanceOf(EnvelopeException.class);
        }
        assertThat(consumed).hasValue(0);
    }

    @Test
    void aFileChangedOnItsWay() throws Exception {
        Path file = sender.file(folder, recipient);
        byte[] octets = Files.readAllBytes(file);
        octets[octets.length / 2] ^= 1;
        Files.write(file, octets);

        assertRefused(sender, file).isInstanceOf(EnvelopeException.TamperedOrWrongKey.class);
        assertThat(consumed).hasValue(0);
    }

    @Test
    void aFileChangedAfterItWasVerified() throws Exception {
        Path file = sender.file(folder, recipient);
        BatchOpener opener = recipient.opener(sender);
        BatchOpener.CheckedBatch checked = opener.verify(file);
        byte[] octets = Files.readAllBytes(file);
        octets[octets.length - 1] ^= 1;
        Files.write(file, octets);

        assertThatThrownBy(() -> opener.open(file, checked, card -> {}))
                .isInstanceOf(EnvelopeException.ChangedSinceVerified.class);
    }

    private Path falsified(BiConsumer<Integer, Map<String, String>> change) throws IOException {
        return sender.file(folder, recipient.identity.certificate(), TestRecipient.NAME, sender.reference(), change);
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(TestSender trusted, Path file)
            throws Exception {
        BatchOpener opener = recipient.opener(trusted);
        return assertThatThrownBy(() -> opener.open(file, card -> consumed.incrementAndGet()));
    }
}
