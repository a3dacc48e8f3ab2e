package org.kiln.kms.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.approval.Approval.State;
import org.kiln.kms.approval.ApprovalException.Refusal;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;

/** Who may approve what, for how long, and that an approved act is done once. */
@Tag(ScratchDatabase.TAG)
class ApprovalsTest {

    private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");
    private static final Duration DAY = Duration.ofHours(24);

    @TempDir
    private static Path folder;

    private static ScratchKeys keys;
    private static RecordMac mac;
    private static Database database;

    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private Approvals approvals;

    @BeforeAll
    static void open() {
        keys = ScratchKeys.create();
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            mac = RecordMac.derive(session, new KeyRing());
        }
        database = Database.open(ScratchDatabase.in(folder));
        database.migrate("auc");
    }

    @AfterAll
    static void close() {
        database.close();
        mac.close();
        keys.close();
    }

    @BeforeEach
    void begin() {
        execute("delete from approval");
        execute("delete from approved_roles");
        execute("delete from audit_entry");
        approvals = new Approvals(database, mac, now::get, DAY);
    }

    private static void execute(String sql) {
        database.write(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.executeUpdate(sql);
            }
        });
    }

    private static List<String> acts() {
        return database.read(connection -> {
            try (Statement statement = connection.createStatement();
                    var rows = statement.executeQuery("select actor, act from audit_entry order by number")) {
                List<String> acts = new ArrayList<>();
                while (rows.next()) {
                    acts.add(rows.getString(1).replaceFirst("terminal:.*", "terminal") + " " + rows.getString(2));
                }
                return acts;
            }
        });
    }

    private static Refusal refusal(Runnable call) {
        try {
            call.run();
        } catch (ApprovalException e) {
            return e.refusal();
        }
        return null;
    }

    private static void use(Permit permit) {
        Approvals.spend(database, permit);
    }

    @Test
    void whatComesFromABackupIsAskedForAnew() {
        Approval waiting = approvals.request(Act.STORAGE_KEY_ROTATION, "SK-2", "why", "alice");
        Approval approved = approvals.request(Act.STORAGE_KEY_ROTATION, "SK-3", "why", "alice");
        approvals.approve(approved.id(), "bob");
        database.write(connection -> {
            approvals.expireAll(connection);
            return true;
        });
        assertThat(approvals.find(waiting.id()).state()).isEqualTo(Approval.State.EXPIRED);
        assertThat(approvals.find(approved.id()).state()).isEqualTo(Approval.State.EXPIRED);
        assertThat(refusal(() -> use(approvals.permit(Act.STORAGE_KEY_ROTATION, "SK-3"))))
                .isEqualTo(Refusal.NEEDED);
    }

    @Test
    void oneAsksAnotherApprovesAndItIsDoneOnce() {
        assertThat(refusal(() -> approvals.permit(Act.STORAGE_KEY_ROTATION, "SK-2")))
                .isEqualTo(Refusal.NEEDED);
        Approval asked = approvals.request(Act.STORAGE_KEY_ROTATION, "SK-2", "yearly", "alice");
        assertThat(refusal(() -> approvals.permit(Act.STORAGE_KEY_ROTATION, "SK-2")))
                .isEqualTo(Refusal.NEEDED);
        assertThat(refusal(() -> approvals.approve(asked.id(), "alice"))).isEqualTo(Refusal.SAME_PERSON);
        assertThat(approvals.approve(asked.id(), "bob").state()).isEqualTo(State.APPROVED);
        assertThat(refusal(() -> approvals.approve(asked.id(), "carol"))).isEqualTo(Refusal.NOT_PENDING);
        assertThat(refusal(() -> approvals.permit(Act.STORAGE_KEY_ROTATION, "SK-3")))
                .isEqualTo(Refusal.NEEDED);
        assertThat(refusal(() -> approvals.permit(Act.STORAGE_KEY_DESTRUCTION, "SK-2")))
                .isEqualTo(Refusal.NEEDED);
        Permit permit = approvals.permit(Act.STORAGE_KEY_ROTATION, "SK-2");
        use(permit);
        assertThat(refusal(() -> use(permit))).isEqualTo(Refusal.NEEDED);
        assertThat(approvals.find(asked.id()).state()).isEqualTo(State.DONE);
        assertThat(refusal(() -> approvals.permit(Act.STORAGE_KEY_ROTATION, "SK-2")))
                .isEqualTo(Refusal.NEEDED);
        assertThat(acts())
                .containsExactly("alice APPROVAL_REQUESTED", "bob APPROVAL_APPROVED", "terminal APPROVAL_USED");
    }

    /** The act's transaction fails after the leave was used: the leave is there still, as it was. */
    @Test
    void whatIsNotDoneIsStillToBeDone() {
        approvals.approve(approvals.request(Act.ROLES, "ab", "why", "alice").id(), "bob");
        Permit permit = approvals.permit(Act.ROLES, "ab");
        assertThatThrownBy(() -> database.write(connection -> {
                    permit.use(connection);
                    throw new IllegalStateException("power cut");
                }))
                .hasMessage("power cut");
        use(approvals.permit(Act.ROLES, "ab"));
    }

    @Test
    void ofManyWhoDoItAtOnceOneDoes() throws Exception {
        approvals.approve(
                approvals.request(Act.SUBSCRIBER_EXPORT, "all", "move", "alice").id(), "bob");
        List<Permit> permits = new ArrayList<>();
        for (int each = 0; each < 8; each++) {
            permits.add(approvals.permit(Act.SUBSCRIBER_EXPORT, "all"));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> tries = permits.stream()
                    .<Callable<Boolean>>map(permit -> () -> refusal(() -> use(permit)) == null)
                    .toList();
            int done = 0;
            for (Future<Boolean> each : threads.invokeAll(tries)) {
                done += each.get() ? 1 : 0;
            }
            assertThat(done).isOne();
        }
    }

    @Test
    void whatIsNotDecidedOrNotDoneInTimeExpires() {
        String pending = approvals.request(Act.ROLES, "one", "why", "alice").id();
        String approved = approvals.request(Act.ROLES, "two", "why", "alice").id();
        approvals.approve(approved, "bob");
        now.set(NOON.plus(DAY).minusSeconds(1));
        approvals.permit(Act.ROLES, "two");
        now.set(NOON.plus(DAY));
        assertThat(refusal(() -> approvals.permit(Act.ROLES, "two"))).isEqualTo(Refusal.NEEDED);
        assertThat(refusal(() -> approvals.approve(pending, "bob"))).isEqualTo(Refusal.NOT_PENDING);
        assertThat(approvals.list()).extracting(Approval::state).containsOnly(State.EXPIRED);
        assertThat(acts())
                .filteredOn(act -> act.equals("kiln APPROVAL_EXPIRED"))
                .hasSize(2);
        now.set(NOON.plus(Duration.ofDays(60)));
        assertThat(approvals.list()).isEmpty();
    }

    @Test
    void aRequestIsRejectedOrWithdrawnWithAReason() {
        String id = approvals.request(Act.ROLES, "one", "why", "alice").id();
        assertThat(refusal(() -> approvals.reject(id, "bob", " "))).isEqualTo(Refusal.MALFORMED);
        assertThat(approvals.reject(id, "alice", "a mistake").state()).isEqualTo(State.REJECTED);
        assertThat(refusal(() -> approvals.approve(id, "bob"))).isEqualTo(Refusal.NOT_PENDING);
        assertThat(refusal(() -> approvals.find("0000000000"))).isEqualTo(Refusal.UNKNOWN);
        for (String object : List.of("", "a\nb", "x".repeat(401))) {
            assertThat(refusal(() -> approvals.request(Act.ROLES, object, "why", "alice")))
                    .isEqualTo(Refusal.MALFORMED);
        }
    }

    @Test
    void whoWritesTheDatabaseApprovesNothing() {
        Approval asked = approvals.request(Act.ROLES, "one", "why", "alice");
        for (String change : List.of(
                "state = 'APPROVED', decider = 'bob'",
                "requester = 'mallory'",
                "object = 'two'",
                "act = 'SUBSCRIBER_EXPORT'",
                "expires_at = '2099-01-01T00:00:00Z'",
                "mac = ''")) {
            execute("delete from approval");
            approvals.request(Act.ROLES, "one", "why", "alice");
            execute("update approval set " + change);
            assertThat(refusal(() -> approvals.permit(Act.ROLES, "one")))
                    .as(change)
                    .isEqualTo(Refusal.DAMAGED);
        }
        assertThat(refusal(() -> approvals.find(asked.id()))).isNotNull();
    }

    @Test
    void rolesAreChangedByTwoOnceTheyAreAskedFor() {
        ApprovedRoles roles = new ApprovedRoles(database, mac, now::get);
        roles.require("aa", false, approvals);
        roles.require("bb", false, approvals);
        roles.requireUnchanged("cc");
        roles.require("bb", true, approvals);
        roles.requireUnchanged("bb");
        roles.require("bb", true, approvals);
        assertThat(refusal(() -> roles.requireUnchanged("cc"))).isEqualTo(Refusal.NEEDED);
        assertThat(refusal(() -> roles.require("cc", false, approvals))).isEqualTo(Refusal.NEEDED);
        approvals.approve(approvals.request(Act.ROLES, "cc", "why", "alice").id(), "bob");
        roles.require("cc", false, approvals);
        roles.requireUnchanged("cc");
        assertThat(refusal(() -> roles.require("bb", true, approvals))).isEqualTo(Refusal.NEEDED);
        execute("update approved_roles set digest = 'bb'");
        assertThat(refusal(() -> roles.requireUnchanged("bb"))).isEqualTo(Refusal.DAMAGED);
    }
}
