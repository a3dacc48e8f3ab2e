package org.kiln.kms.approval;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Optional;
import org.kiln.kms.approval.ApprovalException.Refusal;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.store.Database;

/** What two people approved of the configuration: who may call, and that two people are asked. */
public final class ApprovedRoles {

    private final Database database;
    private final RecordMac mac;
    private final InstantSource clock;

    public ApprovedRoles(Database database, RecordMac mac, InstantSource clock) {
        this.database = database;
        this.mac = mac;
        this.clock = clock;
    }

    /**
     * Holds the configuration's digest against the approved one. The first that asks for approvals is taken as it is.
     *
     * @param digest SHA-256 of who may call and of how approvals are asked for
     * @param asked whether the configuration asks for approvals
     * @throws ApprovalException if it is another, and nobody approved that
     */
    public void require(String digest, boolean asked, Approvals approvals) {
        Optional<String> known = database.read(this::read);
        if (known.isEmpty() && asked) {
            enter(digest, Permit.NOT_NEEDED, "the first");
        } else if (known.isPresent() && !known.get().equals(digest)) {
            enter(digest, approvals.permit(Act.ROLES, digest), "in the place of " + known.get());
        }
    }

    /** @throws ApprovalException if the configuration no longer is the approved one */
    public void requireUnchanged(String digest) {
        database.read(this::read).filter(known -> !known.equals(digest)).ifPresent(known -> {
            throw new ApprovalException(
                    Refusal.NEEDED,
                    "callers or approvals in kiln.yaml are not those that were approved; put them back, or have the change"
                            + " approved and start the node with it");
        });
    }

    private void enter(String digest, Permit permit, String detail) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        database.write(connection -> {
            permit.use(connection);
            try (PreparedStatement insert = connection.prepareStatement(
                    "insert into approved_roles (id, digest, approved_at, mac) values (1, ?, ?, ?) on conflict (id) do"
                            + " update set digest = excluded.digest, approved_at = excluded.approved_at, mac = excluded.mac")) {
                insert.setString(1, digest);
                insert.setString(2, now.toString());
                insert.setString(3, code(digest, now.toString()));
                insert.executeUpdate();
            }
            AuditLog.add(connection, now, AuditLog.atTheTerminal(), "ROLES_ENTERED", "roles/" + digest, detail);
            return digest;
        });
    }

    private Optional<String> read(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "select digest, approved_at, mac from approved_roles where id = 1");
                ResultSet row = select.executeQuery()) {
            if (!row.next()) {
                return Optional.empty();
            }
            if (!code(row.getString(1), row.getString(2)).equals(row.getString(3))) {
                throw new ApprovalException(
                        Refusal.DAMAGED, "the record of approved roles was changed by somebody else than Kiln");
            }
            return Optional.of(row.getString(1));
        }
    }

    private String code(String digest, String at) {
        return HexFormat.of()
                .formatHex(mac.compute(("approved-roles/1\n" + digest + "\n" + at).getBytes(StandardCharsets.UTF_8)));
    }
}
