package org.kiln.kms.audit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The table of changes of the key. */
final class AuditKeys {

    private static final String COLUMNS = "number, count, root, at, public_key, signer, signature";

    private AuditKeys() {}

    /** The number of the key that signs now. */
    static long current(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select coalesce(max(number), 0) from audit_key");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    static void insert(Connection connection, AuditKey made) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("insert into audit_key (" + COLUMNS + ") values (?, ?, ?, ?, ?, ?, ?)")) {
            insert.setLong(1, made.number());
            insert.setLong(2, made.count());
            insert.setString(3, made.root());
            insert.setString(4, made.at().toString());
            insert.setString(5, made.publicKey());
            insert.setString(6, made.signer());
            insert.setString(7, made.signature());
            insert.executeUpdate();
        }
    }

    /** All changes, in their order. */
    static List<AuditKey> list(Connection connection) throws SQLException {
        try (PreparedStatement select =
                        connection.prepareStatement("select " + COLUMNS + " from audit_key order by number");
                ResultSet row = select.executeQuery()) {
            List<AuditKey> all = new ArrayList<>();
            while (row.next()) {
                all.add(new AuditKey(
                        row.getLong(1),
                        row.getLong(2),
                        row.getString(3),
                        Instant.parse(row.getString(4)),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7)));
            }
            return all;
        }
    }
}
