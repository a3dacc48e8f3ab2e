package org.kiln.personalisation.identity;

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
import org.kiln.personalisation.order.RetainedKeys;

/** The keys of identities that the operator keeps, on the move between versions of the storage keys. */
public final class IdentityBlobs implements BlobTable<IdentityBlobs.Row> {

    /**
     * An identity's keys as they were read.
     *
     * @param operatorKeys JSON
     */
    public record Row(String id, String operatorKeys) {
        @Override
        public String toString() {
            return "Row[" + id + "]";
        }
    }

    @Override
    public String name() {
        return "identities";
    }

    @Override
    public long left(Connection connection, int version) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select count(*) from identity where " + RetainedKeys.UNDER)) {
            RetainedKeys.bindVersion(select, 1, version);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    @Override
    public List<Row> page(Connection connection, @Nullable Row after, int version, int limit) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select id, operator_keys from identity where id > ?" + " and "
                        + RetainedKeys.UNDER + " order by id limit ?")) {
            select.setString(1, after == null ? "" : after.id());
            RetainedKeys.bindVersion(select, 2, version);
            select.setInt(4, limit);
            try (ResultSet rows = select.executeQuery()) {
                List<Row> page = new ArrayList<>(limit);
                while (rows.next()) {
                    page.add(new Row(rows.getString(1), rows.getString(2)));
                }
                return page;
            }
        }
    }

    @Override
    public Row moved(Row row, UnaryOperator<WrappedKey> move) {
        return new Row(row.id(), RetainedKeys.moved(row.operatorKeys(), move, "identity " + row.id()));
    }

    @Override
    public boolean replace(Connection connection, Row before, Row after) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "update identity set operator_keys = ? where id = ? and operator_keys = ?")) {
            update.setString(1, after.operatorKeys());
            update.setString(2, before.id());
            update.setString(3, before.operatorKeys());
            return update.executeUpdate() == 1;
        }
    }
}
