package org.kiln.personalisation.order;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.rotation.BlobTable;
import org.kiln.personalisation.document.Documents;

/** The codes in lines of files that will have them in the clear, under the host storage key, on the move between versions of the storage keys. */
public final class CardRowBlobs implements BlobTable<CardRowBlobs.Row> {

    /**
     * A card's line as it was read.
     *
     * @param values JSON
     */
    public record Row(String orderId, String partner, int position, String values) {
        @Override
        public String toString() {
            return "Row[" + orderId + ", " + partner + ", " + position + "]";
        }
    }

    @Override
    public String name() {
        return "lines of files";
    }

    @Override
    public long left(Connection connection, int version) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select count(*) from card_row where row like ?")) {
            select.setString(1, under(version));
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** What a line has that holds something under {@code SKH-version}; nothing of it lies under {@code SK}. */
    private static String under(int version) {
        return "%\"" + KeyLabels.hostStorage(version) + ":%";
    }

    @Override
    public List<Row> page(Connection connection, @Nullable Row after, int version, int limit) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select order_id, partner, position, row from card_row"
                        + " where (order_id, partner, position) > (?, ?, ?) and row like ?"
                        + " order by order_id, partner, position limit ?")) {
            select.setString(1, after == null ? "" : after.orderId());
            select.setString(2, after == null ? "" : after.partner());
            select.setInt(3, after == null ? -1 : after.position());
            select.setString(4, under(version));
            select.setInt(5, limit);
            try (ResultSet rows = select.executeQuery()) {
                List<Row> page = new ArrayList<>(limit);
                while (rows.next()) {
                    page.add(new Row(rows.getString(1), rows.getString(2), rows.getInt(3), rows.getString(4)));
                }
                return page;
            }
        }
    }

    @Override
    public Row moved(Row row, UnaryOperator<WrappedKey> move) {
        String whose = "line " + row.position() + " of order " + row.orderId() + " for '" + row.partner() + "'";
        Map<String, String> values = new LinkedHashMap<>(Documents.readRow(row.values()));
        values.replaceAll((_, value) ->
                KeyLabels.isHostStorage(value) ? RetainedKeys.text(move.apply(RetainedKeys.key(value, whose))) : value);
        return new Row(row.orderId(), row.partner(), row.position(), Documents.writeRow(values));
    }

    @Override
    public boolean replace(Connection connection, Row before, Row after) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "update card_row set row = ? where order_id = ? and partner = ? and position = ? and row = ?")) {
            update.setString(1, after.values());
            update.setString(2, before.orderId());
            update.setString(3, before.partner());
            update.setInt(4, before.position());
            update.setString(5, before.values());
            return update.executeUpdate() == 1;
        }
    }
}
