package org.kiln.personalisation.custody;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.kiln.kms.store.Database;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.order.Delivery;
import org.kiln.personalisation.order.DeliveryBook;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.output.DeliveryFiles;

/** Counts, on disk and in the store, what is still held of an order. */
public final class HoldingsReport {

    private final Database database;
    private final OrderBook orders;
    private final DeliveryBook book;
    private final DeliveryFiles files;

    public HoldingsReport(Database database, OrderBook orders, DeliveryBook book, DeliveryFiles files) {
        this.database = database;
        this.orders = orders;
        this.book = book;
        this.files = files;
    }

    /** @throws org.kiln.personalisation.order.OrderException.Unknown if there is no such order */
    public Holdings of(String orderId) {
        List<Delivery> deliveries = book.of(orderId);
        return database.read(connection -> {
            Order order = orders.require(connection, orderId);
            List<Holdings.File> held = new ArrayList<>();
            for (Delivery delivery : deliveries) {
                held.add(new Holdings.File(
                        delivery.partner(),
                        delivery.state().name(),
                        Files.exists(files.path(orderId, delivery.partner())),
                        count(
                                connection,
                                "select count(*) from card_row where order_id = ? and partner = ?",
                                orderId,
                                delivery.partner())));
            }
            return new Holdings(
                    orderId,
                    order.state(),
                    count(connection, "select count(*) from card where order_id = ?", orderId),
                    held,
                    retained(connection, orderId),
                    subscribers(connection, orderId));
        });
    }

    private static long count(Connection connection, String query, String... values) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(query)) {
            for (int i = 0; i < values.length; i++) {
                select.setString(i + 1, values[i]);
            }
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private static Map<String, Long> retained(Connection connection, String orderId) throws SQLException {
        Map<String, Long> counts = new TreeMap<>();
        try (PreparedStatement select = connection.prepareStatement(
                "select operator_keys from card where order_id = ? and operator_keys <> '{}'")) {
            select.setString(1, orderId);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    Documents.readRow(rows.getString(1)).keySet().forEach(name -> counts.merge(name, 1L, Long::sum));
                }
            }
        }
        return counts;
    }

    private static Map<String, Long> subscribers(Connection connection, String orderId) throws SQLException {
        Map<String, Long> counts = new TreeMap<>();
        try (PreparedStatement select =
                connection.prepareStatement("select status, count(*) from subscriber where supi in"
                        + " (select 'imsi-' || imsi from card where order_id = ?) group by status")) {
            select.setString(1, orderId);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    counts.put(rows.getString(1), rows.getLong(2));
                }
            }
        }
        return counts;
    }
}
