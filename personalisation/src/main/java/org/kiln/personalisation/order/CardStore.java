package org.kiln.personalisation.order;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.store.Database;

/** The cards made so far. */
public final class CardStore {

    private final Database database;

    public CardStore(Database database) {
        this.database = database;
    }

    /** Takes the rows of the vendor's file one by one, in order. */
    @FunctionalInterface
    public interface RowConsumer<E extends Exception> {
        void row(Map<String, String> vendorRow) throws E;
    }

    /**
     * Adds cards within the caller's transaction.
     *
     * @throws org.kiln.kms.rotation.RotationException if a key they are wrapped under has been destroyed meanwhile
     */
    public void insert(Connection connection, String orderId, Collection<MadeCard> cards) throws SQLException {
        StorageKeyRegister.requireLive(
                connection,
                cards.stream()
                        .flatMap(card -> card.operatorKeys().values().stream())
                        .map(kept -> kept.substring(0, kept.indexOf(':')))
                        .collect(Collectors.toSet()));
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into card (order_id, position, iccid, imsi, vendor_row, operator_keys)"
                        + " values (?, ?, ?, ?, ?, ?)")) {
            for (MadeCard card : cards) {
                insert.setString(1, orderId);
                insert.setInt(2, card.position());
                insert.setString(3, card.iccid());
                insert.setString(4, card.imsi());
                insert.setString(5, Json.writeRow(card.vendorRow()));
                insert.setString(6, Json.writeRow(card.operatorKeys()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** How many cards of an order are made. */
    public int count(String orderId) {
        return database.read(connection -> {
            try (PreparedStatement select =
                    connection.prepareStatement("select count(*) from card where order_id = ?")) {
                select.setString(1, orderId);
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    return row.getInt(1);
                }
            }
        });
    }

    /** The positions of an order that are made. */
    public BitSet made(String orderId) {
        return database.read(connection -> {
            try (PreparedStatement select =
                    connection.prepareStatement("select position from card where order_id = ?")) {
                select.setString(1, orderId);
                try (ResultSet rows = select.executeQuery()) {
                    BitSet positions = new BitSet();
                    while (rows.next()) {
                        positions.set(rows.getInt(1));
                    }
                    return positions;
                }
            }
        });
    }

    /** Reads an order's rows in order, in constant memory. */
    public <E extends Exception> void forEachRow(String orderId, RowConsumer<E> consumer) throws E {
        Cursor<E> cursor = new Cursor<>(consumer);
        database.read(connection -> cursor.read(connection, orderId));
        if (cursor.failure != null) {
            throw cursor.failure;
        }
    }

    /** Carries the consumer's exception out of the database's lambda. */
    private static final class Cursor<E extends Exception> {

        private final RowConsumer<E> consumer;
        private @Nullable E failure;

        Cursor(RowConsumer<E> consumer) {
            this.consumer = consumer;
        }

        @SuppressWarnings("unchecked") // the consumer throws E or an unchecked exception
        int read(Connection connection, String orderId) throws SQLException {
            int rows = 0;
            try (PreparedStatement select =
                    connection.prepareStatement("select vendor_row from card where order_id = ? order by position")) {
                select.setString(1, orderId);
                try (ResultSet cards = select.executeQuery()) {
                    while (cards.next()) {
                        consumer.row(Json.readRow(cards.getString(1)));
                        rows++;
                    }
                }
            } catch (SQLException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                failure = (E) e;
            }
            return rows;
        }
    }
}
