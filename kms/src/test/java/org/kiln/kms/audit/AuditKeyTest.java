package org.kiln.kms.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
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
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.audit.AuditVerifier.Finding;
import org.kiln.kms.audit.AuditVerifier.Kind;
import org.kiln.kms.audit.AuditVerifier.Verdict;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;

/** The key of the log is changed, and what is signed of the log stays the same however it is read. */
class AuditKeyTest {

    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    private static final AuditSeal.Within ALONE = connection -> {};

    @TempDir
    Path folder;

    private Database database;
    private final List<KeyPair> keys = new ArrayList<>();

    @BeforeEach
    void open() throws Exception {
        database = Database.open(ScratchDatabase.in(folder));
        database.migrate("auc");
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        for (int i = 0; i < 4; i++) {
            keys.add(generator.generateKeyPair());
        }
    }

    @AfterEach
    void close() {
        database.close();
    }

    private AuditSigner.Pair pair(int number) {
        KeyPair key = keys.get(number);
        return new AuditSigner.Pair(key.getPublic(), key.getPrivate(), Security.getProvider("SunEC"));
    }

    private AuditSeal sealing() {
        return new AuditSeal(database, number -> pair((int) number));
    }

    private void add(int entries) {
        database.write(connection -> {
            for (int i = 0; i < entries; i++) {
                AuditLog.add(connection, NOON, "ann", "ORDER_APPROVED", "card_order/" + i, "by two");
            }
            return entries;
        });
    }

    private List<String> exported() throws Exception {
        Path file = folder.resolve("audit.jsonl");
        new AuditExport(database).write(file);
        return new ArrayList<>(Files.readAllLines(file));
    }

    private Verdict verify(int key, List<String> lines) throws Exception {
        return new AuditVerifier(keys.get(key).getPublic())
                .verify(new BufferedReader(new StringReader(String.join("\n", lines) + "\n")));
    }

    private List<Kind> faults(int key, List<String> lines) throws Exception {
        return verify(key, lines).findings().stream().map(Finding::kind).toList();
    }

    /** 3 entries, a checkpoint; the change to key 1 as the 4th; 2 more and a checkpoint; the change to key 2 as the 7th; 1 more. */
    private List<String> changedTwice() throws Exception {
        AuditSeal seal = sealing();
        add(3);
        seal.seal(NOON);
        seal.change(NOON, "ann", 1, false, ALONE);
        seal.seal(NOON);
        add(2);
        seal.seal(NOON);
        seal.change(NOON, "ann", 2, false, ALONE);
        add(1);
        seal.seal(NOON);
        return exported();
    }

    private static int line(List<String> log, String with) {
        return log.indexOf(
                log.stream().filter(each -> each.contains(with)).findFirst().orElseThrow());
    }

    @Test
    void theFirstKeyAloneLeadsToAllThatFollow() throws Exception {
        List<String> log = changedTwice();
        assertThat(verify(0, log)).isEqualTo(new Verdict(8, 8, List.of(), List.of()));
        assertThat(log.get(line(log, "\"key\":1")))
                .contains(
                        AuditKey.encoded(keys.get(0).getPublic()),
                        AuditKey.encoded(keys.get(1).getPublic()));
        assertThat(faults(3, log)).hasSize(6).containsOnly(Kind.NOT_SIGNED, Kind.NOT_CERTIFIED);
    }

    @Test
    void aLaterKeyProvesAllEntriesAndSaysWhatItCouldNotCheck() throws Exception {
        List<String> log = changedTwice();
        Verdict last = verify(2, log);
        assertThat(last.isGood()).isTrue();
        assertThat(last.sealed()).isEqualTo(8);
        assertThat(last.unchecked())
                .extracting(Finding::kind)
                .containsExactly(
                        Kind.NOT_SIGNED, Kind.NOT_CERTIFIED, Kind.NOT_SIGNED, Kind.NOT_SIGNED, Kind.NOT_CERTIFIED);
        assertThat(verify(1, log).unchecked()).hasSize(2);
        assertThat(verify(1, log).isGood()).isTrue();

        List<String> altered = new ArrayList<>(log);
        altered.set(0, log.get(0).replace("ann", "bob"));
        assertThat(faults(2, altered)).contains(Kind.ALTERED);
        List<String> cut = new ArrayList<>(log);
        cut.removeLast();
        assertThat(verify(2, cut).isGood()).as("nothing that the key signed").isFalse();
    }

    @Test
    void aChangeThatIsDroppedForgedOrMovedIsRefused() throws Exception {
        List<String> log = changedTwice();
        int change = line(log, "\"key\":1");
        List<String> dropped = new ArrayList<>(log);
        dropped.remove(change);
        assertThat(faults(0, dropped)).contains(Kind.NOT_SIGNED, Kind.DROPPED);
        List<String> late = new ArrayList<>(log);
        late.add(change + 2, late.remove(change));
        assertThat(verify(0, late).isGood()).isFalse();
        for (int other : new int[] {0, 3}) {
            List<String> swapped = new ArrayList<>(log);
            swapped.set(
                    change,
                    log.get(change)
                            .replace(
                                    AuditKey.encoded(keys.get(1).getPublic()),
                                    AuditKey.encoded(keys.get(other).getPublic())));
            assertThat(faults(0, swapped)).contains(Kind.NOT_CERTIFIED);
        }
        // Mallory, who can write the store and has a key of his own, names it himself.
        database.write(connection -> {
            LogHead head = LogHead.START.advanced(connection);
            String mallory = AuditKey.encoded(keys.get(3).getPublic());
            AuditKey forged = new AuditKey(3, head.count(), head.root(), NOON, mallory, mallory, "00");
            AuditKeys.insert(connection, forged);
            return forged;
        });
        add(1);
        sealing().seal(NOON);
        assertThat(faults(0, exported())).containsExactly(Kind.NOT_CERTIFIED, Kind.NOT_SIGNED);
    }

    @Test
    void noOctetOfASealedLogWithChangesIsChangedUnseen() throws Exception {
        List<String> log = changedTwice();
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 40; i++) {
            int line = random.nextInt(log.size());
            StringBuilder text = new StringBuilder(log.get(line));
            int at = random.nextInt(text.length());
            text.setCharAt(at, (char) (text.charAt(at) ^ 1 << random.nextInt(5)));
            if (text.indexOf("\n") >= 0 || text.indexOf("\r") >= 0) {
                continue;
            }
            List<String> changed = new ArrayList<>(log);
            changed.set(line, text.toString());
            if (verify(0, changed).isGood()) {
                assertThat(text.toString().replaceAll("\\s", ""))
                        .as("seed %d", seed)
                        .isEqualToIgnoringCase(log.get(line).replaceAll("\\s", ""));
            }
        }
    }

    @Test
    void aLostKeyIsFollowedByOneThatNamesItself() throws Exception {
        add(2);
        sealing().seal(NOON);
        AuditSeal without = new AuditSeal(database, number -> {
            if (number == 0) {
                throw new AuditException("lost");
            }
            return pair((int) number);
        });
        add(1);
        assertThatThrownBy(() -> without.change(NOON, "ann", 1, false, ALONE)).hasMessage("lost");
        without.change(NOON, "ann", 1, true, ALONE);
        without.seal(NOON);
        List<String> log = exported();
        assertThat(faults(0, log)).containsExactly(Kind.NOT_CERTIFIED, Kind.NOT_SIGNED);
        assertThat(verify(1, log).isGood()).isTrue();
        assertThat(log.toString()).contains("the key before is lost");
    }

    private static LogHead anew(Database database) {
        return database.read(LogHead.START::advanced);
    }

    @Test
    void whatIsReadPieceByPieceHasTheRootOfTheWhole() {
        LogHead kept = LogHead.START;
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 12; round++) {
            add(random.nextInt(40));
            kept = database.read(kept::advanced);
            assertThat(kept.root()).as("seed %d", seed).isEqualTo(anew(database).root());
        }
    }

    @Test
    void aRestartGoesOnFromTheStoreAndAnEndThatIsGoneIsSeen() {
        add(5);
        AuditSeal before = sealing();
        assertThat(before.seal(NOON)).isPresent();
        add(6);
        AuditSeal after = sealing();
        Checkpoint made = after.seal(NOON).orElseThrow();
        assertThat(made.root()).isEqualTo(anew(database).root());
        assertThat(before.seal(NOON)).isEmpty();
        database.write(connection -> {
            try (PreparedStatement delete = connection.prepareStatement("delete from audit_entry where number > 9")) {
                return delete.executeUpdate();
            }
        });
        assertThatThrownBy(() -> after.seal(NOON))
                .isInstanceOf(AuditException.class)
                .hasMessageContaining("entry 11");
    }
}
