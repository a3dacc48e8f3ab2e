package org.kiln.kms.audit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/**
 * The table of entries. An entry is added within the transaction of what it tells, so that there is neither without the other.
 */
public final class AuditLog {

    private static final String COLUMNS = "number, at, actor, act, object, detail, hash";

    private AuditLog() {}

    /**
     * Adds an entry within the caller's transaction.
     *
     * @param actor who did it
     * @param act in capitals
     * @param object what it was done to; never a SUPI in the clear
     * @param detail in words; nothing secret
     */
    public static void add(Connection connection, Instant at, String actor, String act, String object, String detail)
            throws SQLException {
        long last = 0;
        String before = AuditEntry.BEFORE_ALL;
        try (PreparedStatement select = connection.prepareStatement(
                        "select number, hash from audit_entry order by number desc limit 1");
                ResultSet row = select.executeQuery()) {
            if (row.next()) {
                last = row.getLong(1);
                before = row.getString(2);
            }
        }
        AuditEntry entry = new AuditEntry(last + 1, at, actor, act, object, detail);
        try (PreparedStatement insert =
                connection.prepareStatement("insert into audit_entry (" + COLUMNS + ") values (?, ?, ?, ?, ?, ?, ?)")) {
            insert.setLong(1, entry.number());
            insert.setString(2, entry.at().toString());
            insert.setString(3, entry.actor());
            insert.setString(4, entry.act());
            insert.setString(5, entry.object());
            insert.setString(6, entry.detail());
            insert.setString(7, entry.hash(before));
            insert.executeUpdate();
        }
    }

    /** Whether there is an entry of an act that was done to an object. */
    public static boolean tells(Connection connection, String act, String object) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select number from audit_entry where act = ? and object = ? limit 1")) {
            select.setString(1, act);
            select.setString(2, object);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    /** Who works at the command line of this machine. */
    public static String atTheTerminal() {
        return "terminal:" + System.getProperty("user.name", "?");
    }

    /** Takes entries as they come. */
    @FunctionalInterface
    interface Reader {
        void entry(AuditEntry entry, String hash);
    }

    /** Reads all entries after {@code number}, in their order. */
    static long read(Connection connection, long number, Reader reader) throws SQLException {
        long read = 0;
        try (PreparedStatement select = connection.prepareStatement(
                "select " + COLUMNS + " from audit_entry where number > ? order by number")) {
            select.setLong(1, number);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    reader.entry(
                            new AuditEntry(
                                    row.getLong(1),
                                    Instant.parse(row.getString(2)),
                                    row.getString(3),
                                    row.getString(4),
                                    row.getString(5),
                                    row.getString(6)),
                            row.getString(7));
                    read++;
                }
            }
        }
        return read;
    }
}
