package org.kiln.kms.approval;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import org.kiln.kms.approval.Approval.State;
import org.kiln.kms.approval.ApprovalException.Refusal;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.store.Database;

/**
 * The table of approvals. Whoever asks for an act does not approve it; what is not approved and done in time expires; and each step
 * is in the audit log, in its own transaction. Every row is written with a code over all of it, and checked when it is read.
 */
public final class Approvals {

    private static final String COLUMNS =
            "id, act, object, reason, requester, requested_at, expires_at, state, decider, changed_at, mac";
    private static final String KILN = "kiln";
    private static final int ID_OCTETS = 5;
    private static final int LONGEST = 400;

    private final Database database;
    private final RecordMac mac;
    private final InstantSource clock;
    private final Duration validity;
    private final SecureRandom random = new SecureRandom();

    /** @param validity how long an act may wait from the request until it is done */
    public Approvals(Database database, RecordMac mac, InstantSource clock, Duration validity) {
        this.database = database;
        this.mac = mac;
        this.clock = clock;
        this.validity = validity;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * Asks for an act.
     *
     * @throws ApprovalException if a text is missing or too long
     */
    public Approval request(Act act, String object, String reason, String requester) {
        if (!isText(object) || !isText(reason)) {
            throw new ApprovalException(
                    Refusal.MALFORMED, "object and reason are texts of 1 to " + LONGEST + " characters, in one line");
        }
        byte[] id = new byte[ID_OCTETS];
        random.nextBytes(id);
        Instant now = now();
        Approval asked = new Approval(
                HexFormat.of().formatHex(id),
                act,
                object,
                reason,
                requester,
                now,
                now.plus(validity),
                State.PENDING,
                "",
                now);
        return database.write(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(
                    "insert into approval (" + COLUMNS + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
                insert.setString(1, asked.id());
                insert.setString(2, asked.act().name());
                insert.setString(3, asked.object());
                insert.setString(4, asked.reason());
                insert.setString(5, asked.requester());
                insert.setString(6, asked.requestedAt().toString());
                insert.setString(7, asked.expiresAt().toString());
                insert.setString(8, asked.state().name());
                insert.setString(9, asked.decider());
                insert.setString(10, asked.changedAt().toString());
                insert.setString(11, code(asked));
                insert.executeUpdate();
            }
            return audited(connection, asked, requester, "REQUESTED", reason);
        });
    }

    private static boolean isText(String text) {
        return !text.isBlank() && text.length() <= LONGEST && text.chars().noneMatch(Character::isISOControl);
    }

    /**
     * Approves an act.
     *
     * @param decider who has a role that may
     * @throws ApprovalException if he asked for it himself, or it does not wait for a decision
     */
    public Approval approve(String id, String decider) {
        return decide(id, decider, State.APPROVED, "APPROVED", "");
    }

    /** Refuses an act, or withdraws it. */
    public Approval reject(String id, String decider, String reason) {
        if (!isText(reason)) {
            throw new ApprovalException(Refusal.MALFORMED, "reason is a text of 1 to " + LONGEST + " characters");
        }
        return decide(id, decider, State.REJECTED, "REJECTED", reason);
    }

    private Approval decide(String id, String decider, State next, String what, String detail) {
        expire();
        return database.write(connection -> {
            Approval before = read(connection, id);
            if (before.state() != State.PENDING) {
                throw new ApprovalException(
                        Refusal.NOT_PENDING,
                        "approval " + id + " is " + before.state() + " and is not decided any more");
            }
            if (next == State.APPROVED && before.requester().equals(decider)) {
                throw new ApprovalException(
                        Refusal.SAME_PERSON, "'" + decider + "' asked for it; a second person approves or rejects it");
            }
            Approval after = before.become(next, decider, now());
            replace(connection, before, after);
            return audited(connection, after, decider, what, detail);
        });
    }

    private void replace(Connection connection, Approval before, Approval after) throws SQLException {
        replace(connection, before, code(before), after, code(after));
    }

    /** Only over the very row that was read. */
    private static void replace(
            Connection connection, Approval before, String codeBefore, Approval after, String codeAfter)
            throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "update approval set state = ?, decider = ?, changed_at = ?, mac = ? where id = ? and state = ? and mac = ?")) {
            update.setString(1, after.state().name());
            update.setString(2, after.decider());
            update.setString(3, after.changedAt().toString());
            update.setString(4, codeAfter);
            update.setString(5, before.id());
            update.setString(6, before.state().name());
            update.setString(7, codeBefore);
            if (update.executeUpdate() != 1) {
                throw new ApprovalException(
                        Refusal.NEEDED, "approval " + before.id() + " was used or decided meanwhile");
            }
        }
    }

    private static Approval audited(Connection connection, Approval approval, String actor, String what, String detail)
            throws SQLException {
        AuditLog.add(
                connection,
                approval.changedAt(),
                actor,
                "APPROVAL_" + what,
                "approval/" + approval.id(),
                approval.act().label() + " " + approval.object() + (detail.isEmpty() ? "" : ": " + detail));
        return approval;
    }

    /** Marks what was not approved or not done in time. */
    public void expire() {
        Instant now = now();
        if (database.read(this::list).stream().anyMatch(each -> each.isOverdue(now))) {
            database.write(connection -> {
                expire(connection, each -> each.isOverdue(now));
                return now;
            });
        }
    }

    /**
     * Marks all that is not done as if its time were over, within the caller's transaction: in a database that comes from a
     * backup it may have been done since.
     */
    public void expireAll(Connection connection) throws SQLException {
        expire(connection, each -> each.state() == State.PENDING || each.state() == State.APPROVED);
    }

    private void expire(Connection connection, Predicate<Approval> which) throws SQLException {
        for (Approval each : list(connection)) {
            if (which.test(each)) {
                Approval over = each.become(State.EXPIRED, each.decider(), now());
                replace(connection, each, over);
                audited(connection, over, KILN, "EXPIRED", "");
            }
        }
    }

    /** How many wait for a decision or for being done. */
    public long open() {
        return list().stream()
                .filter(each -> each.state() == State.PENDING || each.state() == State.APPROVED)
                .count();
    }

    /** Those that wait for a decision or for being done, and those that were changed within the last thirty days; the newest first. */
    public List<Approval> list() {
        expire();
        Instant recent = now().minus(Duration.ofDays(30));
        return database.read(this::list).stream()
                .filter(each -> each.changedAt().isAfter(recent))
                .toList();
    }

    private List<Approval> list(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "select " + COLUMNS + " from approval order by requested_at desc, id");
                ResultSet rows = select.executeQuery()) {
            List<Approval> all = new ArrayList<>();
            while (rows.next()) {
                all.add(checked(rows));
            }
            return all;
        }
    }

    /** @throws ApprovalException if there is none of this id */
    public Approval find(String id) {
        expire();
        return database.read(connection -> read(connection, id));
    }

    private Approval read(Connection connection, String id) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select " + COLUMNS + " from approval where id = ?")) {
            select.setString(1, id);
            try (ResultSet row = select.executeQuery()) {
                if (row.next()) {
                    return checked(row);
                }
            }
        }
        throw new ApprovalException(Refusal.UNKNOWN, "there is no approval " + id + "; see 'kiln approval list'");
    }

    private Approval checked(ResultSet row) throws SQLException {
        Approval read = new Approval(
                row.getString(1),
                Act.valueOf(row.getString(2)),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                Instant.parse(row.getString(6)),
                Instant.parse(row.getString(7)),
                State.valueOf(row.getString(8)),
                row.getString(9),
                Instant.parse(row.getString(10)));
        if (!code(read).equals(row.getString(11))) {
            throw new ApprovalException(
                    Refusal.DAMAGED,
                    "the row of approval " + read.id()
                            + " was changed by somebody else than Kiln: find out by whom before anything is approved");
        }
        return read;
    }

    private String code(Approval approval) {
        return HexFormat.of().formatHex(mac.compute(approval.authenticated()));
    }

    /**
     * Leave to do an approved act.
     *
     * @throws ApprovalException if nobody approved it, saying how to ask
     */
    public Permit permit(Act act, String object) {
        Approval approved = list().stream()
                .filter(each -> each.state() == State.APPROVED
                        && each.act() == act
                        && each.object().equals(object))
                .findFirst()
                .orElseThrow(() -> new ApprovalException(
                        Refusal.NEEDED,
                        "this needs the approval of a second person, of exactly this act. Ask for it with: kiln approval"
                                + " request " + act.label() + " '" + object + "' --reason ... --as YOU; another"
                                + " approves it with: kiln approval approve ID --as SOMEBODY"));
        Approval done = approved.become(State.DONE, approved.decider(), now());
        String before = code(approved);
        String after = code(done);
        return connection -> {
            replace(connection, approved, before, done, after);
            audited(
                    connection,
                    done,
                    AuditLog.atTheTerminal(),
                    "USED",
                    approved.requester() + ", " + approved.decider());
        };
    }

    /** Uses leave up for an act that has no transaction of its own, before the act: it is done once, or not at all. */
    public static void spend(Database database, Permit permit) {
        database.write(connection -> {
            permit.use(connection);
            return permit;
        });
    }
}
