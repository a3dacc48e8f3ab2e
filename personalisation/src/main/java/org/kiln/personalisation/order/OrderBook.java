package org.kiln.personalisation.order;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.store.Database;
import org.kiln.personalisation.order.NumberAllocation.Kind;

/** The orders and how far each has come. Everything here is on disk when a method returns. */
public final class OrderBook {

    private static final String COLUMNS = "id, request, state, first_iccid, first_imsi, created, output_sha256";

    private final Database database;
    private final InstantSource clock;

    public OrderBook(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Enters an order and allocates its numbers; an order with the vendor's idempotency key is returned as it is.
     *
     * @throws OrderException if the key was used for something else, or a range has not enough numbers left
     */
    public Order enter(CardOrder request) {
        return database.write(connection -> {
            Optional<Order> earlier = findByKey(connection, request);
            if (earlier.isPresent()) {
                if (!earlier.get().request().equals(request)) {
                    throw new OrderException("idempotencyKey '" + request.idempotencyKey()
                            + "' was used for another order; give this one a key of its own");
                }
                return earlier.get();
            }
            String id = UUID.randomUUID().toString();
            insert(connection, id, request);
            String iccid = NumberAllocation.allocate(connection, Kind.ICCID, request.iccids(), request.quantity(), id);
            String imsi = NumberAllocation.allocate(connection, Kind.IMSI, request.imsis(), request.quantity(), id);
            try (PreparedStatement update =
                    connection.prepareStatement("update card_order set first_iccid = ?, first_imsi = ? where id = ?")) {
                update.setString(1, iccid);
                update.setString(2, imsi);
                update.setString(3, id);
                update.executeUpdate();
            }
            return select(connection, "where id = ?", id).getFirst();
        });
    }

    private void insert(Connection connection, String id, CardOrder request) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into card_order (id, idempotency_key, vendor, request, state, first_iccid, first_imsi, created)"
                        + " values (?, ?, ?, ?, ?, '', '', ?)")) {
            insert.setString(1, id);
            insert.setString(2, request.idempotencyKey());
            insert.setString(3, request.vendor());
            insert.setString(4, Json.write(request));
            insert.setString(5, OrderState.GENERATING.name());
            insert.setString(6, clock.instant().toString());
            insert.executeUpdate();
        }
    }

    private static Optional<Order> findByKey(Connection connection, CardOrder request) throws SQLException {
        return select(
                        connection,
                        "where vendor = ? and idempotency_key = ?",
                        request.vendor(),
                        request.idempotencyKey())
                .stream()
                .findFirst();
    }

    public Optional<Order> find(String id) {
        return database.read(
                connection -> select(connection, "where id = ?", id).stream().findFirst());
    }

    /** Orders whose cards are not all made or whose file is not written: a crash left them so, or they are under way. */
    public List<Order> unfinished() {
        return database.read(
                connection -> select(connection, "where state = ? order by created", OrderState.GENERATING.name()));
    }

    public void markReady(String id, String outputSha256) {
        update(id, OrderState.READY, outputSha256);
    }

    public void markFailed(String id) {
        update(id, OrderState.FAILED, null);
    }

    private void update(String id, OrderState state, @Nullable String sha256) {
        database.write(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("update card_order set state = ?, output_sha256 = ? where id = ?")) {
                update.setString(1, state.name());
                update.setString(2, sha256);
                update.setString(3, id);
                return update.executeUpdate();
            }
        });
    }

    private static List<Order> select(Connection connection, String where, String... values) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select " + COLUMNS + " from card_order " + where)) {
            for (int i = 0; i < values.length; i++) {
                select.setString(i + 1, values[i]);
            }
            try (ResultSet rows = select.executeQuery()) {
                List<Order> orders = new ArrayList<>();
                while (rows.next()) {
                    orders.add(order(rows));
                }
                return orders;
            }
        }
    }

    private static Order order(ResultSet row) throws SQLException {
        return new Order(
                row.getString(1),
                Json.readOrder(row.getString(2).getBytes(StandardCharsets.UTF_8)),
                OrderState.valueOf(row.getString(3)),
                row.getString(4),
                row.getString(5),
                Instant.parse(row.getString(6)),
                row.getString(7));
    }
}
