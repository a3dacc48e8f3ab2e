package org.kiln.personalisation.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.kiln.kms.audit.AuditLog;

/** A table of events, each of which stands in the audit log too; each call is within the caller's transaction. */
public final class Journal {

    /** Who acts when nobody asks: the service itself. */
    public static final String KILN = "kiln";

    private final String table;
    private final String insert;
    private final String select;

    /**
     * @param table its name
     * @param of the column that says whose events they are
     */
    public Journal(String table, String of) {
        this.table = table;
        insert = "insert into " + table + " (" + of + ", number, at, actor, event, detail)"
                + " select ?, coalesce(max(number), 0) + 1, ?, ?, ?, ? from " + table + " where " + of + " = ?";
        select = "select number, at, actor, event, detail from " + table + " where " + of + " = ? order by number";
    }

    /** Adds an event. */
    public void add(Connection connection, String id, Instant at, String actor, String event, String detail)
            throws SQLException {
        try (PreparedStatement row = connection.prepareStatement(insert)) {
            row.setString(1, id);
            row.setString(2, at.toString());
            row.setString(3, actor);
            row.setString(4, event);
            row.setString(5, detail);
            row.setString(6, id);
            row.executeUpdate();
        }
        AuditLog.add(connection, at, actor, event, table.replace("_event", "") + "/" + id, detail);
    }

    /** All events of one, in their order. */
    public List<JournalEntry> of(Connection connection, String id) throws SQLException {
        try (PreparedStatement rows = connection.prepareStatement(select)) {
            rows.setString(1, id);
            try (ResultSet row = rows.executeQuery()) {
                List<JournalEntry> entries = new ArrayList<>();
                while (row.next()) {
                    entries.add(new JournalEntry(
                            row.getInt(1),
                            Instant.parse(row.getString(2)),
                            row.getString(3),
                            row.getString(4),
                            row.getString(5)));
                }
                return entries;
            }
        }
    }
}
