package org.kiln.kms.seat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.store.Database;

/** The table of leases. Times are the database's own. */
final class LeaseTable {

    private final Database database;

    LeaseTable(Database database) {
        this.database = database;
    }

    /** A number that has been leased, to whoever. */
    record Row(int node, int nodes, String holder, long fence, long expires) {}

    Map<Integer, Row> all(Connection connection) throws SQLException {
        try (PreparedStatement select =
                        connection.prepareStatement("select node, nodes, holder, fence, expires from node_lease");
                ResultSet rows = select.executeQuery()) {
            Map<Integer, Row> all = new HashMap<>();
            while (rows.next()) {
                Row row = new Row(rows.getInt(1), rows.getInt(2), rows.getString(3), rows.getLong(4), rows.getLong(5));
                all.put(row.node(), row);
            }
            return all;
        }
    }

    long now(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select " + database.clockMillis());
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    void put(Connection connection, Row row) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(
                "insert into node_lease (node, nodes, holder, fence, expires) values (?, ?, ?, ?, ?)"
                        + " on conflict (node) do update set nodes = excluded.nodes, holder = excluded.holder,"
                        + " fence = excluded.fence, expires = excluded.expires")) {
            upsert.setInt(1, row.node());
            upsert.setInt(2, row.nodes());
            upsert.setString(3, row.holder());
            upsert.setLong(4, row.fence());
            upsert.setLong(5, row.expires());
            upsert.executeUpdate();
        }
    }

    /** Sets the lease's end, {@code millis} from now, unless it has changed hands; false if it has. Locks the row. */
    boolean extend(Connection connection, Row lease, long millis) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("update node_lease set expires = "
                + database.clockMillis() + " + ? where node = ? and holder = ? and fence = ?")) {
            update.setLong(1, millis);
            update.setInt(2, lease.node());
            update.setString(3, lease.holder());
            update.setLong(4, lease.fence());
            return update.executeUpdate() == 1;
        }
    }

    /** Those of the numbers that nobody else holds, first the one that is preferred, then those longest without a holder. */
    static List<Integer> free(Map<Integer, Row> all, String holder, SeatNumbers numbers, int preferred, long now) {
        List<Integer> free = new ArrayList<>();
        for (int node = numbers.first(); node < numbers.first() + numbers.count(); node++) {
            Row row = all.get(node);
            if (row == null || row.expires() <= now || row.holder().equals(holder)) {
                free.add(node);
            }
        }
        free.sort((one, other) -> Long.compare(
                one == preferred ? Long.MIN_VALUE : end(all.get(one)),
                other == preferred ? Long.MIN_VALUE : end(all.get(other))));
        return free;
    }

    private static long end(@Nullable Row row) {
        return row == null ? 0 : row.expires();
    }
}
