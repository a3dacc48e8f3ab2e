package org.kiln.personalisation.order;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.store.Database;
import org.kiln.personalisation.document.Documents;
import org.kiln.transfer.numbering.Imsi;

/** The cards made so far. */
public final class CardStore {

    private final Database database;

    public CardStore(Database database) {
        this.database = database;
    }

    /** Takes the lines of a file one by one, in order. */
    @FunctionalInterface
    public interface RowConsumer<E extends Exception> {
        void row(Map<String, String> row) throws E;
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
                        .flatMap(CardStore::underStorageKeys)
                        .map(kept -> kept.substring(0, kept.indexOf(':')))
                        .collect(Collectors.toSet()));
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into card (order_id, position, iccid, imsi, msisdn, eid, operator_keys)"
                        + " values (?, ?, ?, ?, ?, ?, ?)")) {
            for (MadeCard card : cards) {
                insert.setString(1, orderId);
                insert.setInt(2, card.position());
                insert.setString(3, card.iccid());
                insert.setString(4, card.imsi());
                insert.setString(5, card.msisdn());
                insert.setString(6, card.eid());
                insert.setString(7, Documents.writeRow(card.operatorKeys()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
        insertRows(connection, orderId, cards);
    }

    /** What a card has under storage keys: what the operator retains, and codes for files that have them in the clear. */
    private static Stream<String> underStorageKeys(MadeCard card) {
        return Stream.concat(
                card.operatorKeys().values().stream(),
                card.rows().values().stream()
                        .flatMap(row -> row.values().stream())
                        .filter(KeyLabels::isHostStorage));
    }

    private static void insertRows(Connection connection, String orderId, Collection<MadeCard> cards)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into card_row (order_id, partner, position, row) values (?, ?, ?, ?)")) {
            for (MadeCard card : cards) {
                for (Map.Entry<String, Map<String, String>> row : card.rows().entrySet()) {
                    insert.setString(1, orderId);
                    insert.setString(2, row.getKey());
                    insert.setInt(3, card.position());
                    insert.setString(4, Documents.writeRow(row.getValue()));
                    insert.addBatch();
                }
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

    /** IMSIs of an order from a position on, in order: the subscribers that its cards are for. */
    public List<Imsi> imsis(Connection connection, String orderId, int from, int limit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "select imsi from card where order_id = ? and position >= ? order by position limit ?")) {
            select.setString(1, orderId);
            select.setInt(2, from);
            select.setInt(3, limit);
            try (ResultSet rows = select.executeQuery()) {
                List<Imsi> imsis = new ArrayList<>();
                while (rows.next()) {
                    imsis.add(new Imsi(rows.getString(1)));
                }
                return imsis;
            }
        }
    }

    /** Whether a card with this IMSI was made for the eUICC with this EID, within the caller's transaction. */
    public static boolean isOnDevice(Connection connection, Imsi imsi, String eid) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select 1 from card where imsi = ? and eid = ?")) {
            select.setString(1, imsi.digits());
            select.setString(2, eid);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    /** Forgets the cards of an order, within the caller's transaction; returns how many there were. */
    public int delete(Connection connection, String orderId) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("delete from card where order_id = ?")) {
            delete.setString(1, orderId);
            return delete.executeUpdate();
        }
    }

    /** Forgets the cards of an order before a position, and their lines, within the caller's transaction. */
    public void deleteBelow(Connection connection, String orderId, int position) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("delete from card_row where order_id = ?"
                + " and partner in (select partner from delivery where order_id = ?) and position < ?")) {
            delete.setString(1, orderId);
            delete.setString(2, orderId);
            delete.setInt(3, position);
            delete.executeUpdate();
        }
        try (PreparedStatement delete =
                connection.prepareStatement("delete from card where order_id = ? and position < ?")) {
            delete.setString(1, orderId);
            delete.setInt(2, position);
            delete.executeUpdate();
        }
    }

    /** Reads the lines of a partner's file in order, in constant memory. */
    public <E extends Exception> void forEachRow(String orderId, String partner, RowConsumer<E> consumer) throws E {
        Cursor<E> cursor = new Cursor<>(consumer);
        database.scan(connection -> cursor.read(connection, orderId, partner));
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
        int read(Connection connection, String orderId, String partner) throws SQLException {
            int rows = 0;
            try (PreparedStatement select = connection.prepareStatement(
                    "select row from card_row where order_id = ? and partner = ? order by position")) {
                select.setString(1, orderId);
                select.setString(2, partner);
                try (ResultSet cards = select.executeQuery()) {
                    while (cards.next()) {
                        consumer.row(Documents.readRow(cards.getString(1)));
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
