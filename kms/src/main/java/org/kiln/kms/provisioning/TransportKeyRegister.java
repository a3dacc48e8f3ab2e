package org.kiln.kms.provisioning;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kiln.kms.approval.Approvals;
import org.kiln.kms.approval.Permit;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.keys.Kcv;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.store.Database;

/**
 * The table of transport keys: whose each is, which way it goes, where it stands in its life. Every row is written with
 * a code over all of it, and checked when it is read.
 */
public final class TransportKeyRegister {

    private static final String COLUMNS =
            "label, partner, direction, octets, kcv_zero, kcv_cmac, state, first_day, last_day, made_at, changed_at, mac";

    private final Database database;
    private final RecordMac mac;
    private final Permit permit;

    public TransportKeyRegister(Database database, RecordMac mac) {
        this(database, mac, Permit.NOT_NEEDED);
    }

    private TransportKeyRegister(Database database, RecordMac mac, Permit permit) {
        this.database = database;
        this.mac = mac;
        this.permit = permit;
    }

    /** The same, for one change that uses this leave up. */
    public TransportKeyRegister under(Permit leave) {
        return new TransportKeyRegister(database, mac, leave);
    }

    /** Uses the leave up for an act that is no row of the register, before it is done. */
    public void spend() {
        Approvals.spend(database, permit);
    }

    public void add(TransportKey key) {
        database.write(connection -> {
            permit.use(connection);
            try (PreparedStatement insert = connection.prepareStatement(
                    "insert into transport_key (" + COLUMNS + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
                insert.setString(1, key.label());
                insert.setString(2, key.partner());
                insert.setString(3, key.direction().name());
                insert.setInt(4, key.octets());
                insert.setString(5, key.kcv().zeroBlock());
                insert.setString(6, key.kcv().cmac());
                insert.setString(7, key.state().name());
                insert.setString(8, day(key.period().firstDay()));
                insert.setString(9, day(key.period().lastDay()));
                insert.setString(10, key.madeAt().toString());
                insert.setString(11, key.changedAt().toString());
                insert.setBytes(12, mac.compute(key.authenticated()));
                insert.executeUpdate();
            }
            return audited(connection, key, key.madeAt(), "TRANSPORT_KEY_MADE");
        });
    }

    /**
     * Brings a key into another state; it is on disk when this returns.
     *
     * @throws TransportKeyException if there is no such key, or its life does not go that way
     */
    public TransportKey change(String label, TransportKeyState state, Instant now) {
        return database.write(connection -> {
            permit.use(connection);
            TransportKey changed = read(connection, label)
                    .orElseThrow(() -> new TransportKeyException(
                            "no transport key is labelled '" + label + "'; see 'kiln transport-key list'"))
                    .become(state, now);
            try (PreparedStatement update = connection.prepareStatement(
                    "update transport_key set state = ?, changed_at = ?, mac = ? where label = ?")) {
                update.setString(1, changed.state().name());
                update.setString(2, changed.changedAt().toString());
                update.setBytes(3, mac.compute(changed.authenticated()));
                update.setString(4, label);
                update.executeUpdate();
            }
            return audited(connection, changed, now, "TRANSPORT_KEY_" + state);
        });
    }

    private static TransportKey audited(Connection connection, TransportKey key, Instant at, String act)
            throws SQLException {
        AuditLog.add(
                connection,
                at,
                AuditLog.atTheTerminal(),
                act,
                "transport-key/" + key.label(),
                key.direction() + ", of " + key.partner() + ", check values " + key.kcv());
        return key;
    }

    /** @throws TransportKeyException if the row's code is wrong */
    public Optional<TransportKey> find(String label) {
        return database.read(connection -> read(connection, label));
    }

    private Optional<TransportKey> read(Connection connection, String label) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select " + COLUMNS + " from transport_key where label = ?")) {
            select.setString(1, label);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(checked(row)) : Optional.empty();
            }
        }
    }

    /** All keys, by label. */
    public List<TransportKey> list() {
        return database.read(connection -> {
            try (PreparedStatement select =
                            connection.prepareStatement("select " + COLUMNS + " from transport_key order by label");
                    ResultSet rows = select.executeQuery()) {
                List<TransportKey> keys = new ArrayList<>();
                while (rows.next()) {
                    keys.add(checked(rows));
                }
                return keys;
            }
        });
    }

    private TransportKey checked(ResultSet row) throws SQLException {
        byte[] code = row.getBytes(12);
        if (code == null) {
            throw refused(row.getString(1));
        }
        TransportKey key = new TransportKey(
                row.getString(1),
                row.getString(2),
                Direction.valueOf(row.getString(3)),
                row.getInt(4),
                new Kcv(row.getString(5), row.getString(6)),
                TransportKeyState.valueOf(row.getString(7)),
                new TransportKey.Period(day(row.getString(8)), day(row.getString(9))),
                Instant.parse(row.getString(10)),
                Instant.parse(row.getString(11)));
        if (!mac.verify(key.authenticated(), code)) {
            throw refused(key.label());
        }
        return key;
    }

    private static TransportKeyException refused(String label) {
        return new TransportKeyException("the register's row of transport key '" + label
                + "' was changed by somebody else than Kiln, or belongs to another token: do not use the key");
    }

    private static String day(Optional<LocalDate> day) {
        return day.map(LocalDate::toString).orElse("");
    }

    private static Optional<LocalDate> day(String day) {
        return day.isEmpty() ? Optional.empty() : Optional.of(LocalDate.parse(day));
    }
}
