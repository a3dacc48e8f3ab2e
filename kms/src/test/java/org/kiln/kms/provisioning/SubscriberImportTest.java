package org.kiln.kms.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.kms.keys.Partner;
import org.kiln.kms.provisioning.SubscriberImport.OnBadRow;
import org.kiln.kms.provisioning.SubscriberImport.Outcome;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.subscriber.AuthenticationMethod;

@Tag(ScratchDatabase.TAG)
class SubscriberImportTest {

    @TempDir
    private Path folder;

    private ScratchNode node;

    @BeforeEach
    void open() {
        node = new ScratchNode(folder);
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void knowsWhatBecomesOfATransportKeyWhileItRuns() throws Exception {
        SubscriberImport importer = node.importer();
        importer.run(node.loadFile(ScratchNode.row(900)), OnBadRow.REFUSE_FILE, done -> {});
        node.register().change(Partner.LABEL, TransportKeyState.SUSPENDED, Instant.now());
        for (int number = 901; ; number++) {
            try {
                importer.run(node.loadFile(ScratchNode.row(number)), OnBadRow.REFUSE_FILE, done -> {});
                Thread.sleep(50);
            } catch (LoadFileException e) {
                assertThat(e).hasMessageContaining("is SUSPENDED, not ACTIVE");
                return;
            }
        }
    }

    @Test
    void importsKeysWrappedEitherWay() throws Exception {
        node.provision(10);
        assertThat(node.store().count()).isEqualTo(10);
        assertThat(node.store().find(ScratchNode.supi(3))).hasValueSatisfying(subscriber -> {
            assertThat(subscriber.ki().keyLabel()).isEqualTo("SK-1");
            assertThat(subscriber.opc().keyLabel()).isEqualTo("SKO-1");
            assertThat(subscriber.ki().blob()).hasSize(24).isNotEqualTo(ScratchNode.ki(3));
        });
    }

    @Test
    void theAuthenticationMethodMayBeStated() throws Exception {
        LoadFileRow[] rows = new LoadFileRow[3];
        String[] methods = {"", "5G_AKA", "EAP_AKA_PRIME"};
        for (int number = 0; number < rows.length; number++) {
            rows[number] = new LoadFileRow(ScratchNode.supi(number), "milenage", ScratchNode.ki(number))
                    .wrapped("eopc", ScratchNode.opc(number))
                    .with("authMethod", methods[number]);
        }
        node.importer().run(LoadFileRow.write(folder, rows), OnBadRow.REFUSE_FILE, done -> {});
        for (int number = 0; number < rows.length; number++) {
            assertThat(node.store().find(ScratchNode.supi(number)).orElseThrow().method())
                    .isEqualTo(number == 2 ? AuthenticationMethod.EAP_AKA_PRIME : AuthenticationMethod.FIVE_G_AKA);
        }
        for (String other : new String[] {"EAP_TLS", "NONE", "5g_aka"}) {
            LoadFileRow bad = new LoadFileRow(ScratchNode.supi(9), "milenage", ScratchNode.ki(9))
                    .wrapped("eopc", ScratchNode.opc(9))
                    .with("authMethod", other);
            assertThatThrownBy(
                            () -> node.importer().run(LoadFileRow.write(folder, bad), OnBadRow.REFUSE_FILE, done -> {}))
                    .hasMessageContaining("line 2, column authMethod: use 5G_AKA or EAP_AKA_PRIME");
        }
    }

    static Stream<Arguments> badRows() {
        String good = ScratchNode.row(1);
        String[] values = good.split(",");
        return Stream.of(
                Arguments.of(good.replace("imsi-", "msisdn-"), "line 3, column supi: "),
                Arguments.of(good.replace(",milenage,", ",rot13,"), "line 3, column algorithm: use milenage"),
                Arguments.of(good.replace("partner-in", "stranger"), "line 3, column transportKey: no incoming"),
                Arguments.of(good.replace("partner-in", "SK-1"), "line 3, column transportKey: no incoming"),
                Arguments.of(good.replace("aes-kwp", "rsa"), "line 3, column wrapping: use aes-kw"),
                Arguments.of(good.replace("aes-kwp", "aes-kw"), "line 3, column eki: does not unwrap"),
                Arguments.of(good.replace(values[4], values[4].substring(2)), "line 3, column eki: expected 48"),
                Arguments.of(
                        good.replace(values[5], "zz" + values[5].substring(2)), "line 3, column eopc: expected 48"),
                Arguments.of(
                        good.replace(values[5], "00".repeat(24)),
                        "line 3, column eopc: does not unwrap under transport key 'partner-in'"),
                Arguments.of(
                        good.replace(values[4], Partner.kwp(new byte[15])),
                        "line 3, column eki: what unwraps is no AES"),
                Arguments.of(good.replace(",8000,", ",80000,"), "line 3, column amf: expected 4"),
                Arguments.of(good + "00", "line 3, column sqn: expected 12"),
                Arguments.of(good + ",extra", "line 3: expected 8 values, found 9"),
                Arguments.of(ScratchNode.row(0), "line 3, column supi: stands twice in the file"));
    }

    @ParameterizedTest
    @MethodSource("badRows")
    void aBadRowNamesLineColumnAndRuleAndNothingIsStored(String bad, String message) throws Exception {
        Path file = node.loadFile(ScratchNode.row(0), bad, ScratchNode.row(2));
        assertThatThrownBy(() -> node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {}))
                .isInstanceOf(LoadFileException.class)
                .hasMessageStartingWith(message);
        assertThat(node.store().count()).isZero();

        Outcome outcome = node.importer().run(file, OnBadRow.SKIP, done -> {});
        assertThat(outcome.imported()).isEqualTo(2);
        assertThat(outcome.skipped()).singleElement().asString().startsWith(message);
        assertThat(node.store().count()).isEqualTo(2);
    }

    @Test
    void aStatedCheckValueIsCompared() throws Exception {
        String right = ScratchNode.kcv(1);
        Path file = node.loadFile(ScratchNode.row(1) + "," + right);
        Files.writeString(file, Files.readString(file).replaceFirst("\n", ",kcv\n"));
        assertThat(node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {}).imported())
                .isEqualTo(1);

        Path wrong = node.loadFile(ScratchNode.row(2) + "," + right);
        Files.writeString(wrong, Files.readString(wrong).replaceFirst("\n", ",kcv\n"));
        assertThatThrownBy(() -> node.importer().run(wrong, OnBadRow.REFUSE_FILE, done -> {}))
                .hasMessage("line 2, column kcv: the Ki has the check value " + ScratchNode.kcv(2) + ", not " + right);
    }

    @Test
    void aSuspendedTransportKeyTakesNothing() throws Exception {
        node.register().change(Partner.LABEL, TransportKeyState.SUSPENDED, Instant.now());
        assertThatThrownBy(
                        () -> node.importer().run(node.loadFile(ScratchNode.row(1)), OnBadRow.REFUSE_FILE, done -> {}))
                .hasMessage("line 2, column transportKey: transport key 'partner-in' is SUSPENDED, not ACTIVE");
    }

    @Test
    void aSubscriberWhoExistsIsRefused() throws Exception {
        node.provision(2);
        assertThatThrownBy(
                        () -> node.importer().run(node.loadFile(ScratchNode.row(1)), OnBadRow.REFUSE_FILE, done -> {}))
                .hasMessage("line 2, column supi: this subscriber exists already");
    }

    @Test
    void theLastLineIsCountedWithoutItsLineEnd() throws Exception {
        Path file = node.loadFile(ScratchNode.row(0), ScratchNode.row(1).replace("milenage", "x"));
        Files.writeString(file, Files.readString(file).stripTrailing());
        assertThatThrownBy(() -> node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {}))
                .hasMessageStartingWith("line 3, column algorithm");
    }

    @Test
    void aHeaderThatIsNoneIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("header.csv"), "supi,algorithm\nx,y\n");
        assertThatThrownBy(() -> node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {}))
                .hasMessageStartingWith("line 1, column transportKey: the column is missing");
        Files.writeString(file, "");
        assertThatThrownBy(() -> node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {}))
                .isInstanceOf(LoadFileException.class);
    }

    /** Whatever stands in the file, the import ends with an outcome or a {@link LoadFileException}. */
    @Test
    void survivesMutatedFiles() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        byte[] good = Files.readAllBytes(node.loadFile(ScratchNode.row(0), ScratchNode.row(1), ScratchNode.row(2)));
        Path file = folder.resolve("mutated.csv");
        for (int run = 0; run < 300; run++) {
            byte[] mutated = good.clone();
            for (int change = 0; change <= random.nextInt(4); change++) {
                mutated[random.nextInt(mutated.length)] = switch (random.nextInt(4)) {
                    case 0 -> (byte) random.nextInt(256);
                    case 1 -> (byte) '"';
                    case 2 -> (byte) '\n';
                    default -> (byte) ',';
                };
            }
            Files.write(file, mutated);
            try {
                node.importer().run(file, random.nextBoolean() ? OnBadRow.SKIP : OnBadRow.REFUSE_FILE, done -> {});
            } catch (LoadFileException e) {
                assertThat(e.getMessage()).startsWith("line ");
            } catch (RuntimeException e) {
                throw new AssertionError(
                        "seed " + seed + ", run " + run + ": " + new String(mutated, StandardCharsets.ISO_8859_1), e);
            }
            node.database().write(connection -> connection.createStatement().executeUpdate("delete from subscriber"));
        }
    }
}
