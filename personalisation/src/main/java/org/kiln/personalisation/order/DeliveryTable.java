package org.kiln.personalisation.order;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.personalisation.document.Documents;

/** Rows of an order's files, each call within the caller's transaction. */
final class DeliveryTable {

    private DeliveryTable() {}

    static void insert(
            Connection connection, String orderId, List<DeliveryPlan> plans, Instant now, SecondPerson secondPerson)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into delivery (order_id, partner, state,"
                + " plan, changed, mac) values (?, ?, 'PLANNED', ?, ?, ?)")) {
            for (DeliveryPlan plan : plans) {
                String text = Documents.writeJson(plan);
                insert.setString(1, orderId);
                insert.setString(2, plan.partner().name());
                insert.setString(3, text);
                insert.setString(4, now.toString());
                insert.setString(5, code(secondPerson, orderId, plan.partner().name(), text));
                insert.executeUpdate();
            }
        }
    }

    private static String code(SecondPerson secondPerson, String orderId, String partner, String plan) {
        return secondPerson.code("delivery/1", orderId, partner, plan);
    }

    /** @throws OrderException.Damaged unless Kiln fixed the files of an order as they stand there */
    static void requireAuthentic(Connection connection, String orderId, SecondPerson secondPerson) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select partner, plan, mac from delivery where order_id = ?")) {
            select.setString(1, orderId);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    if (!code(secondPerson, orderId, row.getString(1), row.getString(2))
                            .equals(row.getString(3))) {
                        throw new OrderException.Damaged("what was fixed of the file for '" + row.getString(1)
                                + "' of order " + orderId
                                + " was changed by somebody else than Kiln: find out by whom before"
                                + " anybody gets it");
                    }
                }
            }
        }
    }

    /** Gives rows of an earlier release their codes; returns how many there were. */
    static int enterCodes(Connection connection, SecondPerson secondPerson) throws SQLException {
        List<String[]> rows = new ArrayList<>();
        try (PreparedStatement select =
                        connection.prepareStatement("select order_id, partner, plan from delivery where mac is null");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                rows.add(new String[] {row.getString(1), row.getString(2), row.getString(3)});
            }
        }
        try (PreparedStatement update =
                connection.prepareStatement("update delivery set mac = ? where order_id = ? and partner = ?")) {
            for (String[] row : rows) {
                update.setString(1, code(secondPerson, row[0], row[1], row[2]));
                update.setString(2, row[0]);
                update.setString(3, row[1]);
                update.executeUpdate();
            }
        }
        return rows.size();
    }

    static List<Delivery> list(Connection connection, String orderId) throws SQLException {
        return select(connection, "order_id = ? order by partner", orderId);
    }

    static List<Delivery> listTo(Connection connection, String partner) throws SQLException {
        return select(connection, "partner = ? and state in ('READY', 'FETCHED') order by changed", partner);
    }

    private static List<Delivery> select(Connection connection, String where, String value) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "select order_id, plan, state, sha256, manifest_sha256, acknowledged, changed" + " from delivery where "
                        + where)) {
            select.setString(1, value);
            try (ResultSet rows = select.executeQuery()) {
                List<Delivery> deliveries = new ArrayList<>();
                while (rows.next()) {
                    deliveries.add(new Delivery(
                            rows.getString(1),
                            Documents.readStored(rows.getString(2), DeliveryPlan.class),
                            Delivery.State.valueOf(rows.getString(3)),
                            rows.getString(4),
                            rows.getString(5),
                            rows.getString(6) == null ? null : Instant.parse(rows.getString(6)),
                            Instant.parse(rows.getString(7))));
                }
                return deliveries;
            }
        }
    }

    static void setWritten(
            Connection connection, String orderId, String partner, String sha256, String manifestSha256, Instant now)
            throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("update delivery set state = 'READY', sha256 = ?,"
                + " manifest_sha256 = ?, changed = ? where order_id = ? and partner = ?")) {
            update.setString(1, sha256);
            update.setString(2, manifestSha256);
            update.setString(3, now.toString());
            update.setString(4, orderId);
            update.setString(5, partner);
            update.executeUpdate();
        }
    }

    static void setState(Connection connection, Delivery delivery, Delivery.State state, Instant now)
            throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "update delivery set state = ?, changed = ? where order_id = ? and partner = ?")) {
            update.setString(1, state.name());
            update.setString(2, now.toString());
            update.setString(3, delivery.orderId());
            update.setString(4, delivery.partner());
            update.executeUpdate();
        }
    }

    static void setAcknowledged(Connection connection, Delivery delivery, Instant now) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "update delivery set acknowledged = ? where order_id = ? and partner = ?")) {
            update.setString(1, now.toString());
            update.setString(2, delivery.orderId());
            update.setString(3, delivery.partner());
            update.executeUpdate();
        }
    }

    /** Removes the lines of a delivery; returns how many there were. */
    static int deleteRows(Connection connection, Delivery delivery) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("delete from card_row where order_id = ? and partner = ?")) {
            delete.setString(1, delivery.orderId());
            delete.setString(2, delivery.partner());
            return delete.executeUpdate();
        }
    }
}
