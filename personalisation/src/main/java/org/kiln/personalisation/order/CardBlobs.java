package org.kiln.personalisation.order;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.rotation.BlobTable;

/** The keys of cards that the operator keeps, on the move between versions of the storage keys. */
public final class CardBlobs implements BlobTable<CardBlobs.Row> {

    /**
     * A card's keys as they were read.
     *
     * @param operatorKeys JSON
     */
    public record Row(String orderId, int position, String operatorKeys) {
        @Override
        public String toString() {
            return "Row[" + orderId + ", " + position + "]";
        }
    }

    @Override
    public String name() {
        return "cards";
    }

    @Override
    public long left(Connection connection, int version) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select count(*) from card where " + RetainedKeys.UNDER)) {
            RetainedKeys.bindVersion(select, 1, version);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    @Override
    public List<Row> page(Connection connection, @Nullable Row after, int version, int limit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "select order_id, position, operator_keys from card" + " where (order_id, position) > (?, ?) and "
                        + RetainedKeys.UNDER + " order by order_id, position limit ?")) {
            select.setString(1, after == null ? "" : after.orderId());
            select.setInt(2, after == null ? -1 : after.position());
            RetainedKeys.bindVersion(select, 3, version);
            select.setInt(5, limit);
            try (ResultSet rows = select.executeQuery()) {
                List<Row> page = new ArrayList<>(limit);
                while (rows.next()) {
                    page.add(new Row(rows.getString(1), rows.getInt(2), rows.getString(3)));
                }
                return page;
            }
        }
    }

    @Override
    public Row moved(Row row, UnaryOperator<WrappedKey> move) {
        return new Row(
                row.orderId(),
                row.position(),
                RetainedKeys.moved(row.operatorKeys(), move, "card " + row.position() + " of order " + row.orderId()));
    }

    @Override
    public boolean replace(Connection connection, Row before, Row after) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "update card set operator_keys = ? where order_id = ? and position = ? and operator_keys = ?")) {
            update.setString(1, after.operatorKeys());
            update.setString(2, before.orderId());
            update.setInt(3, before.position());
            update.setString(4, before.operatorKeys());
            return update.executeUpdate() == 1;
        }
    }
}
