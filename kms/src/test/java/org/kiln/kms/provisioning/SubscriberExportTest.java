package org.kiln.kms.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.TestTuakCard;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.AucSettings;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.auc.VectorRequest;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.Partner;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.provisioning.SubscriberImport.OnBadRow;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.AlgorithmText;
import org.kiln.kms.subscriber.AuthenticationMethod;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.kms.subscriber.RecordRefusedException;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.transfer.numbering.Supi;

/** Subscribers that move from one node to another, which has another token. */
@Tag(ScratchDatabase.TAG)
class SubscriberExportTest {

    private static final VectorKind EPS = VectorKind.EpsAka.of(new PlmnId("001", "01"));
    private static final String KEY = "hand-over";

    @TempDir
    private Path folder;

    private ScratchNode from;
    private ScratchNode to;

    @BeforeEach
    void open() throws Exception {
        from = new ScratchNode(Files.createDirectory(folder.resolve("from")), ceremony -> {
            ceremony.foundation();
            Partner.introduce(ceremony, KEY, Direction.OUTGOING);
        });
        to = new ScratchNode(Files.createDirectory(folder.resolve("to")), ceremony -> {
            ceremony.foundation();
            Partner.introduce(ceremony, KEY, Direction.INCOMING);
        });
        register(from, Direction.OUTGOING);
        register(to, Direction.INCOMING);
    }

    private static void register(ScratchNode node, Direction direction) {
        node.register()
                .add(TransportKey.made(
                        KEY,
                        "other",
                        direction,
                        32,
                        new Kcv("000000", "0000000000"),
                        TransportKey.Period.UNBOUNDED,
                        Instant.now()));
    }

    @AfterEach
    void close() {
        from.close();
        to.close();
    }

    private static AuthenticationCentre centre(ScratchNode node) {
        return centre(node, EngineChoice.PORTABLE_ONLY);
    }

    private static AuthenticationCentre centre(ScratchNode node, EngineChoice engines) {
        return new AuthenticationCentre(
                node.tokens(),
                node.storageKeys(),
                node.store(),
                new AucSettings(0, 1, 100, engines, new SimpleMeterRegistry()));
    }

    private static List<AuthenticationVector> ask(AuthenticationCentre centre, Supi supi) {
        return centre.authenticate(new VectorRequest(supi, EPS, 5, Optional.empty()))
                .join();
    }

    private static List<Long> sqns(AuthenticationCentre centre, int number) {
        return ask(centre, ScratchNode.supi(number)).stream()
                .map(ScratchNode.card(number)::sqn)
                .toList();
    }

    private Path export(ExportSelection selection, int hours) throws Exception {
        Path file = folder.resolve("moved.csv");
        from.exporter(AlgorithmCatalogue.MILENAGE_ONLY).run(file, KEY, selection, hours, written -> {});
        return file;
    }

    private static List<String> supis(Path file) throws Exception {
        return Files.readAllLines(file).stream()
                .skip(1)
                .map(row -> row.substring(0, row.indexOf(',')))
                .toList();
    }

    @Test
    void theSameCardsAuthenticateAtTheOtherNodeAboveAllSqnsBefore() throws Exception {
        SqnScheme[] schemes = SqnScheme.values();
        LoadFileRow[] rows = new LoadFileRow[schemes.length];
        for (int number = 0; number < rows.length; number++) {
            rows[number] = new LoadFileRow(ScratchNode.supi(number), "milenage", ScratchNode.ki(number))
                    .wrapped("eopc", ScratchNode.opc(number))
                    .with("sqnScheme", schemes[number].name())
                    .with("authMethod", "EAP_AKA_PRIME");
        }
        from.importer().run(LoadFileRow.write(folder, rows), OnBadRow.REFUSE_FILE, done -> {});
        try (AuthenticationCentre old = centre(from);
                AuthenticationCentre other = centre(to)) {
            List<List<Long>> before = new ArrayList<>();
            for (int number = 0; number < rows.length; number++) {
                before.add(new ArrayList<>(sqns(old, number)));
            }
            Path file = export(ExportSelection.ALL, 24);
            for (int number = 0; number < rows.length; number++) {
                for (int more = 0; more < 100; more++) {
                    before.get(number).addAll(sqns(old, number));
                }
            }
            to.importer().run(file, OnBadRow.REFUSE_FILE, done -> {});
            for (int number = 0; number < rows.length; number++) {
                long highest = Collections.max(before.get(number));
                assertThat(before.get(number)).as(schemes[number].name()).allMatch(sqn -> sqn > 0);
                assertThat(sqns(other, number))
                        .as(schemes[number].name())
                        .allSatisfy(sqn ->
                                assertThat(sqn >>> 5).isBetween((highest >>> 5) + 1, (highest >>> 5) + Sqn.DELTA));
                Subscriber moved = to.store().find(ScratchNode.supi(number)).orElseThrow();
                assertThat(moved.method()).isEqualTo(AuthenticationMethod.EAP_AKA_PRIME);
                assertThat(moved.sqn().scheme()).isEqualTo(schemes[number]);
            }
        }
    }

    @Test
    void withoutHoursTheSqnIsBeyondWhatWasHandedOutSoFar() throws Exception {
        from.provision(1);
        List<Long> before;
        try (AuthenticationCentre old = centre(from)) {
            before = sqns(old, 0);
        }
        to.importer().run(export(ExportSelection.ALL, 0), OnBadRow.REFUSE_FILE, done -> {});
        try (AuthenticationCentre other = centre(to)) {
            assertThat(Collections.min(sqns(other, 0)) >>> 5).isGreaterThan(Collections.max(before) >>> 5);
        }
    }

    @Test
    void subscribersOfTheGuardedHostMoveAndStayThere() throws Exception {
        EngineChoice engines = new EngineChoice(Set.of(), Set.of("tuak", "comp128-3"), false);
        AlgorithmCatalogue catalogue = new AlgorithmCatalogue(
                engines, Map.of("own", AlgorithmText.parse("tuak iterations=3 mac=64 res=128 ck=128 ik=128")));
        byte[] topc = Arrays.copyOf(ScratchNode.opc(1), 32);
        LoadFileRow tuak = new LoadFileRow(ScratchNode.supi(1), "own", ScratchNode.ki(1)).wrapped("etopc", topc);
        LoadFileRow old = new LoadFileRow(ScratchNode.supi(2), "comp128-3", ScratchNode.ki(2));
        from.importer(catalogue).run(LoadFileRow.write(folder, tuak, old), OnBadRow.REFUSE_FILE, done -> {});
        Path file = folder.resolve("moved.csv");
        from.exporter(catalogue).run(file, KEY, ExportSelection.ALL, 24, written -> {});
        to.importer(catalogue).run(file, OnBadRow.REFUSE_FILE, done -> {});
        Algorithm.Tuak algorithm = (Algorithm.Tuak) catalogue.named("own");
        try (AuthenticationCentre other = centre(to, engines)) {
            TestTuakCard card = new TestTuakCard(algorithm.chosen(), ScratchNode.ki(1), topc);
            assertThat(ask(other, ScratchNode.supi(1))).allMatch(vector -> card.sqn(vector) > 0);
        }
        assertThat(to.store().find(ScratchNode.supi(2)).orElseThrow().ki().keyLabel())
                .isEqualTo("SKH-1");
    }

    @Test
    void aFileOfManyPagesIsInOrderWithItsDigestBesideItAndForItsOwnerAlone() throws Exception {
        int count = 1203;
        from.provision(count);
        Path file = export(ExportSelection.ALL, 24);
        assertThat(supis(file)).hasSize(count).isSorted().doesNotHaveDuplicates();
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        assertThat(folder.resolve("moved.csv.sha256")).hasContent(sha256 + "  moved.csv");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).noneMatch(each -> each.toString().endsWith(".part"));
        }
        assertThat(to.importer().run(file, OnBadRow.REFUSE_FILE, done -> {}).imported())
                .isEqualTo(count);
    }

    @Test
    void whoIsNotServedStaysSo() throws Exception {
        from.provision(2);
        from.database().write(connection -> {
            from.store().updateStatus(connection, List.of(ScratchNode.supi(1)), SubscriberStatus.SUSPENDED);
            return 1;
        });
        to.importer().run(export(ExportSelection.ALL, 24), OnBadRow.REFUSE_FILE, done -> {});
        assertThat(to.store().find(ScratchNode.supi(0)).orElseThrow().status()).isEqualTo(SubscriberStatus.ACTIVE);
        assertThat(to.store().find(ScratchNode.supi(1)).orElseThrow().status()).isEqualTo(SubscriberStatus.SUSPENDED);
    }

    @Test
    void someMayBeChosen() throws Exception {
        from.provision(12);
        String first = ScratchNode.supi(3).value();
        assertThat(supis(export(ExportSelection.between(ScratchNode.supi(3), ScratchNode.supi(5)), 24)))
                .containsExactly(
                        first, ScratchNode.supi(4).value(), ScratchNode.supi(5).value());
        assertThat(chosen(ExportSelection.prefix("001010000000001")))
                .containsExactly(ScratchNode.supi(1).value());
        assertThat(chosen(ExportSelection.prefix("00101"))).hasSize(12);
        assertThat(chosen(ExportSelection.prefix("00102"))).isEmpty();
        Path list =
                Files.writeString(folder.resolve("list"), ScratchNode.supi(7).value() + "\n\n" + first + "\n");
        assertThat(chosen(new ExportSelection.Listed(list)))
                .containsExactly(ScratchNode.supi(7).value(), first);
        Files.writeString(list, first + "\n" + ScratchNode.supi(99).value() + "\n");
        assertThatThrownBy(() -> chosen(new ExportSelection.Listed(list)))
                .hasMessage("line 2, column supi: no subscriber has this SUPI");
        assertThat(folder.resolve("moved.csv")).doesNotExist();
    }

    private List<String> chosen(ExportSelection selection) throws Exception {
        Files.deleteIfExists(folder.resolve("moved.csv"));
        return supis(export(selection, 24));
    }

    @Test
    void onlyAnActiveOutgoingKeyWraps() throws Exception {
        from.provision(1);
        SubscriberExport exporter = from.exporter(AlgorithmCatalogue.MILENAGE_ONLY);
        Path file = folder.resolve("moved.csv");
        for (String label : List.of(Partner.LABEL, "nobody", "SK-1", "SKH-1")) {
            assertThatThrownBy(() -> exporter.run(file, label, ExportSelection.ALL, 24, written -> {}))
                    .isInstanceOf(TransportKeyException.class)
                    .hasMessageStartingWith("no outgoing transport key is labelled '" + label);
        }
        from.register().change(KEY, TransportKeyState.SUSPENDED, Instant.now());
        assertThatThrownBy(() -> exporter.run(file, KEY, ExportSelection.ALL, 24, written -> {}))
                .hasMessage("transport key '" + KEY + "' is SUSPENDED, not ACTIVE");
        assertThat(file).doesNotExist();
    }

    @Test
    void aFileThatIsThereIsNotOverwrittenAndAChangedRecordExportsNothing() throws Exception {
        from.provision(2);
        Path file = Files.writeString(folder.resolve("moved.csv"), "mine");
        assertThatThrownBy(() -> export(ExportSelection.ALL, 24)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasContent("mine");
        Files.delete(file);
        from.database().write(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.executeUpdate("update subscriber set amf = 1 where supi = '"
                        + ScratchNode.supi(1).value() + "'");
            }
        });
        assertThatThrownBy(() -> export(ExportSelection.ALL, 24)).isInstanceOf(RecordRefusedException.class);
        assertThat(file).doesNotExist();
        assertThat(folder.resolve("moved.csv.part")).doesNotExist();
    }
}
