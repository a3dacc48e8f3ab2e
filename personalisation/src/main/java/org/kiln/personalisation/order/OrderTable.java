package org.kiln.personalisation.order;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.personalisation.journal.Journal;

/** Rows of orders, each call within the caller's transaction. */
final class OrderTable {

    static final Journal JOURNAL = new Journal("order_event", "order_id");

    private OrderTable() {}

    static void insert(Connection connection, OrderRow row, SecondPerson secondPerson) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into card_order (id, idempotency_key,"
                + " vendor, state, request, profile_name, profile_version, created, requested_by, changed, expires, mac)"
                + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, row.id());
            insert.setString(2, row.idempotencyKey());
            insert.setString(3, row.vendor());
            insert.setString(4, row.state().name());
            insert.setString(5, row.request());
            insert.setString(6, row.profileName());
            insert.setInt(7, row.profileVersion());
            insert.setString(8, row.created());
            insert.setString(9, row.requestedBy());
            insert.setString(10, row.changed());
            insert.setString(11, row.expires());
            insert.setString(12, row.code(secondPerson));
            insert.executeUpdate();
        }
    }

    /**
     * Writes what changes of an order; only over the very row that was read.
     *
     * @throws OrderException.WrongState if it was changed meanwhile
     */
    static void replace(Connection connection, OrderRow before, OrderRow after, SecondPerson secondPerson)
            throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("update card_order set state = ?, first_iccid = ?,"
                + " first_imsi = ?, first_msisdn = ?, first_eid = ?, luhn = ?, changed = ?, expires = ?, mac = ?"
                + " where id = ? and coalesce(mac, '') = ?")) {
            update.setString(1, after.state().name());
            update.setString(2, after.numbers().iccid());
            update.setString(3, after.numbers().imsi());
            update.setString(4, after.numbers().msisdn());
            update.setString(5, after.numbers().eid());
            update.setBoolean(6, after.numbers().luhn());
            update.setString(7, after.changed());
            update.setString(8, after.expires());
            update.setString(9, after.code(secondPerson));
            update.setString(10, before.id());
            update.setString(11, Objects.toString(before.mac(), ""));
            if (update.executeUpdate() != 1) {
                throw new OrderException.WrongState(
                        "order " + before.id() + " was changed meanwhile; look at it again");
            }
        }
    }

    static Optional<OrderRow> find(Connection connection, String id) throws SQLException {
        return select(connection, "where id = ?", id).stream().findFirst();
    }

    static Optional<OrderRow> findByKey(Connection connection, CardOrder request) throws SQLException {
        return select(
                        connection,
                        "where vendor = ? and idempotency_key = ?",
                        request.vendor(),
                        request.idempotencyKey())
                .stream()
                .findFirst();
    }

    static List<OrderRow> select(Connection connection, String where, Object... values) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select " + OrderRow.COLUMNS + " from card_order " + where)) {
            for (int i = 0; i < values.length; i++) {
                select.setObject(i + 1, values[i]);
            }
            try (ResultSet rows = select.executeQuery()) {
                List<OrderRow> orders = new ArrayList<>();
                while (rows.next()) {
                    orders.add(OrderRow.of(rows));
                }
                return orders;
            }
        }
    }
}
