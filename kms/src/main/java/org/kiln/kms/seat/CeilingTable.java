package org.kiln.kms.seat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The clock reading up to which each number may have handed out sequence numbers. */
final class CeilingTable {

    private CeilingTable() {}

    /** The ceiling that the number's last holder left, or 0. */
    static long read(Connection connection, int node) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select tenths from sqn_ceiling where node = ?")) {
            select.setInt(1, node);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0L;
            }
        }
    }

    static void write(Connection connection, int node, long tenths) throws SQLException {
        try (PreparedStatement upsert =
                connection.prepareStatement("insert into sqn_ceiling (node, tenths) values (?, ?)"
                        + " on conflict (node) do update set tenths = excluded.tenths")) {
            upsert.setInt(1, node);
            upsert.setLong(2, tenths);
            upsert.executeUpdate();
        }
    }
}
