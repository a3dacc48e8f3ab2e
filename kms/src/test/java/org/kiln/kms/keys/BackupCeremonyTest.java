package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.auc.VectorRequest;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.KeyAudit.Severity;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.provisioning.SubscriberImport;
import org.kiln.kms.rotation.OpcKeyTable;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/** A backup key in shares, a backup of one token's keys, and the same keys in another token. */
class BackupCeremonyTest {

    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-24T12:00:00Z"));
    private static final VectorKind EPS = VectorKind.EpsAka.of(new PlmnId("001", "01"));
    private static final int SHARES = 5;
    private static final int THRESHOLD = 3;
    private static final int SUBSCRIBERS = 30;

    @TempDir
    private Path folder;

    private final List<KeyShare> opened = new ArrayList<>();
    private ScratchKeys empty;

    @BeforeEach
    void create() {
        empty = ScratchKeys.create(ceremony -> {});
    }

    @AfterEach
    void close() {
        opened.forEach(KeyShare::close);
        empty.close();
    }

    private Path shareFile(int number) {
        return folder.resolve("share-" + number);
    }

    private Path backupFile() {
        return folder.resolve("backup.json");
    }

    private void handOut(Ceremony ceremony) {
        for (KeyShare share : BackupKey.split(ceremony, SHARES, THRESHOLD)) {
            share.write(shareFile(share.x()));
            share.close();
        }
    }

    private List<KeyShare> bring(int... numbers) {
        List<KeyShare> shares = new ArrayList<>();
        for (int number : numbers) {
            shares.add(KeyShare.read(shareFile(number)));
        }
        opened.addAll(shares);
        return shares;
    }

    private void foundationWithBackup(Ceremony ceremony) {
        handOut(ceremony);
        try (BackupKey key = BackupKey.combine(ceremony, bring(1, 2, 3))) {
            new BackupCeremony(ceremony, CLOCK).foundation("demo", key).write(backupFile());
        }
    }

    private static void restore(ScratchKeys into, Path file, List<KeyShare> shares) {
        try (BackupKey key = BackupKey.combine(into.ceremony(), shares)) {
            new BackupCeremony(into.ceremony(), CLOCK).restore(KeyBackup.read(file), key);
        }
    }

    private static void assertKeepsTheRules(ScratchKeys keys, Integer... versions) {
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            assertThat(new KeyAudit(LocalDate.of(2026, 11, 24), Set.of(versions)).run(session))
                    .allMatch(finding -> finding.rule().severity() == Severity.NOTICE);
            assertThat(session.findObjects(Template.builder()
                            .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                            .with(Cka.PRIVATE, false)
                            .build()))
                    .isEmpty();
        }
    }

    @Test
    void theSameSubscribersAreServedFromAnotherToken() throws Exception {
        try (ScratchNode node = new ScratchNode(folder, ceremony -> {
            foundationWithBackup(ceremony);
            try (BackupKey key = BackupKey.combine(ceremony, bring(2, 3, 4))) {
                new BackupCeremony(ceremony, CLOCK)
                        .storageKeys(2, KeyBackup.read(backupFile()), Set.of(1), key)
                        .write(backupFile());
            }
        })) {
            node.provision(SUBSCRIBERS);
            node.storageKeyRegister().promote(2);
            node.currentVersion().refresh();
            node.importer()
                    .run(
                            node.loadFile(ScratchNode.row(SUBSCRIBERS)),
                            SubscriberImport.OnBadRow.REFUSE_FILE,
                            done -> {});
        }
        restore(empty, backupFile(), bring(5, 1, 4));
        assertKeepsTheRules(empty, 1, 2);
        Path copy = Files.copy(folder.resolve("kiln.db"), folder.resolve("copy.db"));
        KeyRing ring = new KeyRing();
        try (TokenCluster token = empty.open(1);
                RecordMac mac = token.call(session -> RecordMac.derive(session, ring));
                Database database = Database.open(copy);
                AuthenticationCentre centre = new AuthenticationCentre(
                        token,
                        new StorageKeys(ring, token.profile(), () -> 2, new OpcKeyTable(database)),
                        new SubscriberStore(database, mac),
                        0,
                        1,
                        100)) {
            for (int number = 0; number <= SUBSCRIBERS; number++) {
                AuthenticationVector vector = centre.authenticate(
                                new VectorRequest(ScratchNode.supi(number), EPS, 1, Optional.empty()))
                        .join()
                        .getFirst();
                assertThat(ScratchNode.card(number).sqn(vector)).isPositive();
            }
        }
    }

    @Test
    void theOperatorsConstantComesBack() {
        try (ScratchKeys original = ScratchKeys.create(this::foundationWithBackup)) {
            restore(empty, backupFile(), bring(1, 2, 3));
            try (Session before = original.openAs(Ck.CKU_USER);
                    Session after = empty.openAs(Ck.CKU_USER)) {
                assertThat(constant(after)).isEqualTo(constant(before));
            }
        }
    }

    private static String constant(Session session) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(16);
            assertThat(session.getAttribute(new KeyRing().secretKey(session, "op/demo"), Cka.VALUE, value))
                    .isEqualTo(16);
            return HexFormat.of().formatHex(value.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    void aBackupLeavesNoBackupKeyBehind() {
        try (ScratchKeys original = ScratchKeys.create(this::foundationWithBackup)) {
            assertKeepsTheRules(original, 1);
        }
    }

    @Test
    void aRotationKeepsOnlyLiveVersionsInTheBackup() {
        try (ScratchKeys original = ScratchKeys.create(this::foundationWithBackup);
                BackupKey key = BackupKey.combine(original.ceremony(), bring(1, 2, 3))) {
            KeyBackup after = new BackupCeremony(original.ceremony(), CLOCK)
                    .storageKeys(2, KeyBackup.read(backupFile()), Set.of(), key);
            assertThat(after.keys().stream().map(KeyBackup.Entry::label))
                    .containsExactly("record-master", "SK-2", "SKH-2", "op/demo");
        }
    }

    @Test
    void aShareIsReadableByItsOwnerOnlyAndNeverOverwritten() throws Exception {
        handOut(empty.ceremony());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(shareFile(1))))
                .isEqualTo("rw-------");
        KeyShare first = bring(1).getFirst();
        assertThatThrownBy(() -> first.write(shareFile(1)))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("cannot be written");
    }

    @Test
    void tooFewSharesTheSameTwiceAndThoseOfAnotherKeyAreRefused() throws Exception {
        handOut(empty.ceremony());
        Ceremony ceremony = empty.ceremony();
        assertThatThrownBy(() -> BackupKey.combine(ceremony, List.of())).hasMessageContaining("no shares");
        assertThatThrownBy(() -> BackupKey.combine(ceremony, bring(1, 2)))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("takes 3 shares; 2 are given");
        assertThatThrownBy(() -> BackupKey.combine(ceremony, bring(1, 2, 2)))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("are the same share, number 2");
        for (int number = 1; number <= SHARES; number++) {
            Files.move(shareFile(number), folder.resolve("other-" + number));
        }
        handOut(ceremony);
        Files.move(folder.resolve("other-4"), shareFile(9));
        assertThatThrownBy(() -> BackupKey.combine(ceremony, bring(1, 2, 9)))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("share-9 is a share of another backup key");
    }

    @Test
    void aDamagedShareIsNamed() throws Exception {
        handOut(empty.ceremony());
        List<String> lines = new ArrayList<>(Files.readAllLines(shareFile(2)));
        String value = lines.get(1);
        lines.set(1, (value.charAt(0) == '0' ? "1" : "0") + value.substring(1));
        Files.write(shareFile(2), lines);
        assertThatThrownBy(() -> BackupKey.combine(empty.ceremony(), bring(1, 2, 3)))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("share-2 states the check value " + lines.get(2))
                .hasMessageNotContaining(value.substring(1));
    }

    @Test
    void aShareUnderAnotherNumberIsRefused() throws Exception {
        handOut(empty.ceremony());
        Files.writeString(
                shareFile(2), Files.readString(shareFile(2)).replaceFirst("kiln-share/1 2 ", "kiln-share/1 4 "));
        assertThatThrownBy(() -> BackupKey.combine(empty.ceremony(), bring(1, 2, 3)))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("the first line of one of them was changed");
    }

    static Stream<String[]> changes() {
        return Stream.of(
                new String[] {"\"SK-1\"", "\"SK-7\""},
                new String[] {"\"check\" : \"", "\"check\" : \"0"},
                new String[] {"RECORD_MASTER", "HOST_STORAGE"});
    }

    @Test
    void aBackupThatWasChangedIsRefused() throws Exception {
        try (ScratchKeys original = ScratchKeys.create(this::foundationWithBackup)) {
            String genuine = Files.readString(backupFile());
            for (String[] change : changes().toList()) {
                Files.writeString(backupFile(), genuine.replace(change[0], change[1]));
                assertThatThrownBy(() -> restore(empty, backupFile(), bring(1, 2, 3)))
                        .isInstanceOf(KeyException.class)
                        .hasMessageContaining("fails its integrity check");
            }
            Files.writeString(backupFile(), genuine);
            assertThatThrownBy(() -> restore(original, backupFile(), bring(1, 2, 3)))
                    .isInstanceOf(KeyException.class)
                    .hasMessageContaining("holds a key labelled 'SK-1' already");
        }
    }

    @Test
    void theBackupOfAnotherKeyIsRefused() throws Exception {
        try (ScratchKeys original = ScratchKeys.create(this::foundationWithBackup)) {
            for (int number = 1; number <= SHARES; number++) {
                Files.delete(shareFile(number));
            }
            handOut(original.ceremony());
            assertThatThrownBy(() -> restore(empty, backupFile(), bring(1, 2, 3)))
                    .isInstanceOf(KeyException.class)
                    .hasMessageContaining("bring the shares of the right key");
        }
    }
}
