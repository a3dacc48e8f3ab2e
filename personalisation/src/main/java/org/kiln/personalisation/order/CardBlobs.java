package org.kiln.personalisation.order;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.rotation.BlobTable;
import org.kiln.kms.rotation.RefusedRowException;
import org.kiln.personalisation.document.Documents;

/** The keys of cards that the operator keeps, on the move between versions of the storage keys. */
public final class CardBlobs implements BlobTable<CardBlobs.Row> {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /** What a card's keys look like under one of two labels: {@code "<label>:}, as {@link MadeCard} writes them. */
    private static final String UNDER = "(operator_keys like ? or operator_keys like ?)";

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

    private static void bindVersion(PreparedStatement select, int at, int version) throws SQLException {
        select.setString(at, "%\"" + KeyLabels.storage(version) + ":%");
        select.setString(at + 1, "%\"" + KeyLabels.hostStorage(version) + ":%");
    }

    @Override
    public long left(Connection connection, int version) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select count(*) from card where " + UNDER)) {
            bindVersion(select, 1, version);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    @Override
    public List<Row> page(Connection connection, @Nullable Row after, int version, int limit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select order_id, position, operator_keys from card"
                + " where (order_id, position) > (?, ?) and " + UNDER + " order by order_id, position limit ?")) {
            select.setString(1, after == null ? "" : after.orderId());
            select.setInt(2, after == null ? -1 : after.position());
            bindVersion(select, 3, version);
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
        Map<String, String> keys = new LinkedHashMap<>();
        Documents.readRow(row.operatorKeys()).forEach((column, kept) -> keys.put(column, moved(row, kept, move)));
        return new Row(row.orderId(), row.position(), Documents.writeRow(keys));
    }

    private static String moved(Row row, String kept, UnaryOperator<WrappedKey> move) {
        int colon = kept.indexOf(':');
        if (colon < 0) {
            throw new RefusedRowException("card " + row.position() + " of order " + row.orderId()
                    + " holds a key that is not <label>:<hexadecimal>");
        }
        WrappedKey after =
                move.apply(new WrappedKey(kept.substring(0, colon), HEX.parseHex(kept, colon + 1, kept.length())));
        return after.keyLabel() + ":" + HEX.formatHex(after.blob());
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
