package org.kiln.personalisation.partner;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.store.Database;
import org.kiln.personalisation.document.Documents;

/** The partners. An order keeps what they were when it was approved. */
public final class PartnerRegister {

    private final Database database;
    private final InstantSource clock;

    public PartnerRegister(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Enters a partner, in the place of the one of his name. */
    public void put(Partner partner, String actor) {
        database.write(connection -> {
            try (PreparedStatement upsert =
                    connection.prepareStatement("insert into partner (name, body, changed, changed_by)"
                            + " values (?, ?, ?, ?) on conflict (name) do update set body = excluded.body,"
                            + " changed = excluded.changed, changed_by = excluded.changed_by")) {
                upsert.setString(1, partner.name());
                upsert.setString(2, Documents.writeJson(partner));
                upsert.setString(3, clock.instant().toString());
                upsert.setString(4, actor);
                upsert.executeUpdate();
            }
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

    public List<Partner> list() {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select body from partner order by name");
                    ResultSet rows = select.executeQuery()) {
                List<Partner> partners = new ArrayList<>();
                while (rows.next()) {
                    partners.add(Documents.readStored(rows.getString(1), Partner.class));
                }
                return partners;
            }
        });
    }

    public Optional<Partner> find(String name) {
        return database.read(connection -> find(connection, name));
    }

    /** As {@link #find(String)}, within the caller's transaction. */
    public static Optional<Partner> find(Connection connection, String name) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select body from partner where name = ?")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                return row.next()
                        ? Optional.of(Documents.readStored(row.getString(1), Partner.class))
                        : Optional.empty();
            }
        }
    }
}
