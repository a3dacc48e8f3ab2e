package org.kiln.personalisation.order;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.journal.Journal;
import org.kiln.personalisation.profile.ProfileBook;
import org.kiln.personalisation.profile.ProfileVersion;

/** Rows of orders, each call within the caller's transaction. */
final class OrderTable {

    private static final String COLUMNS = "id, request, profile_name, profile_version, state, first_iccid, first_imsi,"
            + " first_msisdn, first_eid, luhn, created, requested_by, changed from card_order ";

    static final Journal JOURNAL = new Journal("order_event", "order_id");

    private OrderTable() {}

    static void insert(
            Connection connection, String id, CardOrder request, ProfileVersion profile, String actor, Instant now)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into card_order (id, idempotency_key,"
                + " vendor, state, request, profile_name, profile_version, created, requested_by, changed)"
                + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, id);
            insert.setString(2, request.idempotencyKey());
            insert.setString(3, request.vendor());
            insert.setString(4, OrderState.REQUESTED.name());
            insert.setString(5, Documents.writeJson(request));
            insert.setString(6, profile.profile().name());
            insert.setInt(7, profile.version());
            insert.setString(8, now.toString());
            insert.setString(9, actor);
            insert.setString(10, now.toString());
            insert.executeUpdate();
        }
    }

    static void setNumbers(Connection connection, String id, Order.FirstNumbers numbers) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("update card_order set first_iccid = ?,"
                + " first_imsi = ?, first_msisdn = ?, first_eid = ?, luhn = ? where id = ?")) {
            update.setString(1, numbers.iccid());
            update.setString(2, numbers.imsi());
            update.setString(3, numbers.msisdn());
            update.setString(4, numbers.eid());
            update.setBoolean(5, numbers.luhn());
            update.setString(6, id);
            update.executeUpdate();
        }
    }

    static void setState(Connection connection, String id, OrderState state, Instant now) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("update card_order set state = ?, changed = ? where id = ?")) {
            update.setString(1, state.name());
            update.setString(2, now.toString());
            update.setString(3, id);
            update.executeUpdate();
        }
    }

    static Optional<Order> find(Connection connection, String id) throws SQLException {
        return select(connection, "where id = ?", id).stream().findFirst();
    }

    static Optional<Order> findByKey(Connection connection, CardOrder request) throws SQLException {
        return select(
                        connection,
                        "where vendor = ? and idempotency_key = ?",
                        request.vendor(),
                        request.idempotencyKey())
                .stream()
                .findFirst();
    }

    static List<Order> select(Connection connection, String where, Object... values) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select " + COLUMNS + where)) {
            for (int i = 0; i < values.length; i++) {
                select.setObject(i + 1, values[i]);
            }
            try (ResultSet rows = select.executeQuery()) {
                List<Order> orders = new ArrayList<>();
                while (rows.next()) {
                    orders.add(read(connection, rows));
                }
                return orders;
            }
        }
    }

    private static Order read(Connection connection, ResultSet row) throws SQLException {
        ProfileVersion profile = ProfileBook.ordered(connection, row.getString(3), row.getInt(4));
        return new Order(
                row.getString(1),
                Documents.readStored(row.getString(2), CardOrder.class),
                profile.profile(),
                profile.version(),
                OrderState.valueOf(row.getString(5)),
                new Order.FirstNumbers(
                        row.getString(6), row.getString(7), row.getString(8), row.getString(9), row.getBoolean(10)),
                Instant.parse(row.getString(11)),
                row.getString(12),
                Instant.parse(row.getString(13)));
    }
}
