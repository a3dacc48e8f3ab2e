package org.kiln.kms.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Security;
import java.security.spec.ECGenParameterSpec;
import java.sql.PreparedStatement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.audit.AuditVerifier.Finding;
import org.kiln.kms.audit.AuditVerifier.Kind;
import org.kiln.kms.audit.AuditVerifier.Verdict;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;

@Tag(ScratchDatabase.TAG)
class AuditLogTest {

    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    private static final int FIRST_SEALED = 7;
    private static final int SEALED = 20;
    private static final int ENTRIES = 23;

    @TempDir
    Path folder;

    private Database database;
    private KeyPair key;

    @BeforeEach
    void open() throws Exception {
        database = Database.open(ScratchDatabase.in(folder));
        database.migrate("auc");
        key = newKey();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static KeyPair newKey() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private AuditSeal sealing(KeyPair by) {
        return new AuditSeal(database, _ -> pair(by));
    }

    private static AuditSigner.Pair pair(KeyPair key) {
        return new AuditSigner.Pair(key.getPublic(), key.getPrivate(), Security.getProvider("SunEC"));
    }

    private void add(int number) {
        database.write(connection -> {
            AuditLog.add(
                    connection,
                    NOON.plusSeconds(number),
                    "ann",
                    "ORDER_APPROVED",
                    "card_order/" + number,
                    "by \"two\"\n" + number);
            return number;
        });
    }

    private void addTo(int last) {
        long there = database.<Long>read(connection -> AuditLog.read(connection, 0, (entry, hash) -> {}));
        for (int number = (int) there + 1; number <= last; number++) {
            add(number);
        }
    }

    /** 23 entries; checkpoints after 7 and 20. */
    private List<String> exported() throws IOException {
        addTo(FIRST_SEALED);
        assertThat(sealing(key).seal(NOON)).isPresent();
        addTo(SEALED);
        assertThat(sealing(key).seal(NOON)).isPresent();
        addTo(ENTRIES);
        Path file = folder.resolve("audit.jsonl");
        assertThat(new AuditExport(database).write(file)).isEqualTo(ENTRIES);
        return new ArrayList<>(Files.readAllLines(file));
    }

    private Verdict verify(List<String> lines) throws IOException {
        return new AuditVerifier(key.getPublic())
                .verify(new BufferedReader(new StringReader(String.join("\n", lines) + "\n")));
    }

    private List<Kind> faults(List<String> lines) throws IOException {
        return verify(lines).findings().stream().map(Finding::kind).toList();
    }

    @Test
    void aLogThatWasLeftAloneIsGood() throws Exception {
        assertThat(verify(exported())).isEqualTo(new Verdict(ENTRIES, SEALED, List.of(), List.of()));
    }

    @Test
    void everyEntryThatIsDroppedIsMissed() throws Exception {
        List<String> log = exported();
        for (int line = 0; line < SEALED + 1; line++) {
            if (!log.get(line).contains("checkpoint")) {
                List<String> changed = new ArrayList<>(log);
                changed.remove(line);
                assertThat(faults(changed)).as("line %d", line + 1).contains(Kind.OTHER_ENTRIES);
            }
        }
        log.remove(3);
        assertThat(faults(log).getFirst()).isEqualTo(Kind.DROPPED);
    }

    @Test
    void everyMemberThatIsAlteredShows() throws Exception {
        List<String> log = exported();
        for (String[] change : new String[][] {
            {"\"ann\"", "\"bob\""},
            {"ORDER_APPROVED", "ORDER_REJECTED"},
            {"card_order/3", "card_order/4"},
            {"12:00:03Z", "12:00:04Z"},
            {"by \\\"two", "by \\\"one"}
        }) {
            List<String> changed = new ArrayList<>(log);
            String altered = changed.get(2).replace(change[0], change[1]);
            assertThat(altered).isNotEqualTo(changed.get(2));
            changed.set(2, altered);
            assertThat(verify(changed).findings())
                    .extracting(Finding::kind, Finding::line)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple(Kind.ALTERED, 3L));
        }
    }

    @Test
    void entriesThatAreReorderedOrRepeatedShow() throws Exception {
        List<String> log = exported();
        List<String> swapped = new ArrayList<>(log);
        Collections.swap(swapped, 3, 4);
        assertThat(faults(swapped)).contains(Kind.DROPPED, Kind.OUT_OF_ORDER);
        List<String> repeated = new ArrayList<>(log);
        repeated.add(5, repeated.get(4));
        assertThat(faults(repeated)).containsExactly(Kind.OUT_OF_ORDER);
    }

    @Test
    void whoMakesTheChainAnewCannotSignIt() throws Exception {
        exported();
        database.write(connection -> {
            String before = AuditEntry.BEFORE_ALL;
            for (int number = 1; number <= ENTRIES; number++) {
                AuditEntry forged = new AuditEntry(
                        number,
                        NOON.plusSeconds(number),
                        number == 5 ? "mallory" : "ann",
                        "ORDER_APPROVED",
                        "card_order/" + number,
                        "by \"two\"\n" + number);
                before = forged.hash(before);
                try (PreparedStatement update =
                        connection.prepareStatement("update audit_entry set actor = ?, hash = ? where number = ?")) {
                    update.setString(1, forged.actor());
                    update.setString(2, before);
                    update.setLong(3, number);
                    update.executeUpdate();
                }
            }
            return ENTRIES;
        });
        Path file = folder.resolve("forged.jsonl");
        new AuditExport(database).write(file);
        List<String> forged = Files.readAllLines(file);
        assertThat(faults(forged)).containsExactly(Kind.OTHER_ENTRIES, Kind.OTHER_ENTRIES);

        database.write(connection -> {
            try (PreparedStatement forget = connection.prepareStatement("delete from audit_checkpoint")) {
                return forget.executeUpdate();
            }
        });
        assertThat(sealing(newKey()).seal(NOON)).isPresent();
        new AuditExport(database).write(file);
        assertThat(faults(Files.readAllLines(file))).containsExactly(Kind.NOT_SIGNED);
    }

    @Test
    void whatWasChangedInTheStoreIsNotSealed() {
        addTo(5);
        database.write(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("update audit_entry set actor = 'bob' where number = 3")) {
                return update.executeUpdate();
            }
        });
        assertThatThrownBy(() -> sealing(key).seal(NOON))
                .isInstanceOf(AuditException.class)
                .hasMessageContaining("entry 3");
    }

    @Test
    void anEntryComesAndGoesWithWhatItTells() {
        addTo(2);
        assertThatThrownBy(() -> database.write(connection -> {
                    AuditLog.add(connection, NOON, "ann", "ORDER_APPROVED", "card_order/3", "");
                    throw new IllegalStateException("on purpose");
                }))
                .isInstanceOf(IllegalStateException.class);
        addTo(3);
        assertThat(sealing(key).seal(NOON).orElseThrow().count()).isEqualTo(3);
        assertThat(sealing(key).seal(NOON)).isEmpty();
    }

    @Test
    void aChangeOfTheKeyHappensWholeOrNotAtAll() throws Exception {
        KeyPair next = newKey();
        AuditSigner both = number -> pair(number == 0 ? key : next);
        AuditSeal seal = new AuditSeal(database, both);
        AuditSeal anotherNode = new AuditSeal(database, both);
        addTo(2);
        assertThatThrownBy(() -> seal.change(NOON, "ann", 1, false, connection -> {
                    throw new IllegalStateException("no leave");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(seal.currentKey()).isZero();
        assertThat(seal.isChangeUnderWay()).isFalse();
        assertThatThrownBy(() -> seal.change(NOON, "ann", 2, false, connection -> {}))
                .isInstanceOf(AuditException.class);
        assertThat(anotherNode.seal(NOON).orElseThrow().count()).isEqualTo(2);

        seal.change(NOON, "ann", 1, false, connection -> {});
        assertThat(seal.isChangeUnderWay()).isTrue();
        assertThat(anotherNode.seal(NOON).orElseThrow().isSignedBy(next.getPublic()))
                .isTrue();
        assertThat(seal.isChangeUnderWay()).isFalse();
        Path file = folder.resolve("audit.jsonl");
        new AuditExport(database).write(file);
        assertThat(verify(Files.readAllLines(file))).isEqualTo(new Verdict(3, 3, List.of(), List.of()));
    }

    @Test
    void manyWritersMakeOneChain() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Integer>> writers = Collections.nCopies(4, () -> {
                for (int i = 0; i < 25; i++) {
                    add(i);
                }
                return 25;
            });
            for (Future<Integer> writer : threads.invokeAll(writers)) {
                assertThat(writer.get()).isEqualTo(25);
            }
        }
        assertThat(sealing(key).seal(NOON).orElseThrow().count()).isEqualTo(100);
    }

    @Test
    void noChangeOfASealedPartPassesAndNoneStopsTheVerifier() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<String> log = exported();
        for (int i = 0; i < 3000; i++) {
            List<String> changed = new ArrayList<>(log);
            int line = random.nextInt(SEALED + 2);
            StringBuilder text = new StringBuilder(changed.get(line));
            int at = random.nextInt(text.length());
            switch (random.nextInt(3)) {
                case 0 -> text.setCharAt(at, (char) (text.charAt(at) ^ 1 << random.nextInt(7)));
                case 1 -> text.deleteCharAt(at);
                default -> text.insert(at, (char) random.nextInt(0x250));
            }
            if (text.indexOf("\n") >= 0 || text.indexOf("\r") >= 0) {
                continue;
            }
            changed.set(line, text.toString());
            Verdict verdict = verify(changed);
            if (verdict.isGood()) {
                assertThat(text.toString().replaceAll("\\s", ""))
                        .as("seed %d", seed)
                        .isEqualToIgnoringCase(log.get(line).replaceAll("\\s", ""));
            }
        }
    }
}
