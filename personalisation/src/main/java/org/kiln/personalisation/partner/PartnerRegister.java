package org.kiln.personalisation.partner;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.store.Database;
import org.kiln.personalisation.document.Documents;

/**
 * The partners. An order keeps what they were when it was approved. Every row has a code over all of it, which is checked before
 * anything is done for a partner.
 */
public final class PartnerRegister {

    private final Database database;
    private final SecondPerson secondPerson;
    private final InstantSource clock;

    public PartnerRegister(Database database, SecondPerson secondPerson, InstantSource clock) {
        this.database = database;
        this.secondPerson = secondPerson;
        this.clock = clock;
    }

    /** Enters a partner, in the place of the one of his name. */
    public void put(Partner partner, String actor) {
        database.write(connection -> {
            write(
                    connection,
                    new PartnerRow(
                            partner.name(),
                            Documents.writeJson(partner),
                            clock.instant().toString(),
                            actor,
                            null));
            AuditLog.add(
                    connection,
                    clock.instant(),
                    actor,
                    "PARTNER_ENTERED",
                    "partner/" + partner.name(),
                    "under transport key " + partner.transportKey());
            return partner;
        });
    }

    private void write(Connection connection, PartnerRow row) throws SQLException {
        try (PreparedStatement upsert =
                connection.prepareStatement("insert into partner (name, body, changed, changed_by, mac)"
                        + " values (?, ?, ?, ?, ?) on conflict (name) do update set body = excluded.body,"
                        + " changed = excluded.changed, changed_by = excluded.changed_by, mac = excluded.mac")) {
            upsert.setString(1, row.name());
            upsert.setString(2, row.body());
            upsert.setString(3, row.changed());
            upsert.setString(4, row.changedBy());
            upsert.setString(5, row.code(secondPerson));
            upsert.executeUpdate();
        }
    }

    /**
     * Gives rows of an earlier release their codes, within the caller's transaction.
     *
     * @return how many there were
     */
    public int enterCodes(Connection connection) throws SQLException {
        List<PartnerRow> rows = select(connection, "where mac is null");
        for (PartnerRow row : rows) {
            write(connection, row);
        }
        return rows.size();
    }

    /** All partners as they are stored. */
    public List<Partner> list() {
        return stored(database);
    }

    /** As {@link #list}, without a token; to be looked at. */
    public static List<Partner> stored(Database database) {
        return database.read(connection -> select(connection, "order by name")).stream()
                .map(PartnerRow::read)
                .toList();
    }

    /** @throws PartnerDamagedException if his row was changed */
    public Optional<Partner> find(String name) {
        return database.read(connection -> find(connection, name));
    }

    /** As {@link #find(String)}, within the caller's transaction. */
    public Optional<Partner> find(Connection connection, String name) throws SQLException {
        return select(connection, "where name = ?", name).stream()
                .findFirst()
                .map(row -> row.authentic(secondPerson).read());
    }

    private static List<PartnerRow> select(Connection connection, String where, String... values) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select " + PartnerRow.COLUMNS + " from partner " + where)) {
            for (int i = 0; i < values.length; i++) {
                select.setString(i + 1, values[i]);
            }
            try (ResultSet rows = select.executeQuery()) {
                List<PartnerRow> found = new ArrayList<>();
                while (rows.next()) {
                    found.add(PartnerRow.of(rows));
                }
                return found;
            }
        }
    }
}
