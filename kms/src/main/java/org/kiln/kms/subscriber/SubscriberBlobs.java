package org.kiln.kms.subscriber;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.rotation.BlobTable;
import org.kiln.kms.rotation.RefusedRowException;

/** Ki and OPc of the subscribers, on the move between versions of the storage keys; each record keeps a right MAC. */
public final class SubscriberBlobs implements BlobTable<SubscriberBlobs.Row> {

    /** A subscriber's row as it was read. */
    public static final class Row {
        private final SubscriberRow content;

        private Row(SubscriberRow content) {
            this.content = content;
        }
    }

    /** A Ki of the guarded host lies under SKH; so do OPc of earlier releases. */
    private static final String UNDER_VERSION = "ki_key = ? or ki_key = ? or opc_key = ? or opc_key = ?";

    private final RecordMac mac;

    private final String table;
    private final String name;

    public SubscriberBlobs(RecordMac mac) {
        this(mac, "subscriber", "subscribers");
    }

    private SubscriberBlobs(RecordMac mac, String table, String name) {
        this.mac = mac;
        this.table = table;
        this.name = name;
    }

    /** Those of load files that are not yet in. */
    public static SubscriberBlobs ofStaged(RecordMac mac) {
        return new SubscriberBlobs(mac, StagedSubscribers.TABLE, "subscribers of unfinished load files");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long left(Connection connection, int version) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select count(*) from " + table + " where " + UNDER_VERSION)) {
            underVersion(select, 1, version);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    @Override
    public List<Row> page(Connection connection, @Nullable Row after, int version, int limit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select " + SubscriberRow.COLUMNS + " from " + table
                + " where supi > ? and (" + UNDER_VERSION + ") order by supi limit ?")) {
            select.setString(1, after == null ? "" : after.content.supi().value());
            underVersion(select, 2, version);
            select.setInt(6, limit);
            try (ResultSet rows = select.executeQuery()) {
                List<Row> page = new ArrayList<>(limit);
                while (rows.next()) {
                    page.add(new Row(SubscriberRow.read(rows)));
                }
                return page;
            }
        }
    }

    private static void underVersion(PreparedStatement select, int from, int version) throws SQLException {
        select.setString(from, KeyLabels.storage(version));
        select.setString(from + 1, KeyLabels.hostStorage(version));
        select.setString(from + 2, KeyLabels.hostStorage(version));
        select.setString(from + 3, KeyLabels.opcKey(version));
    }

    @Override
    public Row moved(Row row, UnaryOperator<WrappedKey> move) {
        Subscriber before = checked(row.content);
        Subscriber after = before.withKeys(move.apply(before.ki()), move.apply(before.opc()));
        return new Row(new SubscriberRow(
                after.supi(),
                after.algorithm().label(),
                after.algorithm().parameters(),
                after.ki(),
                after.opc(),
                after.amf(),
                after.sqn(),
                mac.compute(after.authenticated()),
                after.method().label(),
                after.status()));
    }

    private Subscriber checked(SubscriberRow row) {
        try {
            return row.checked(mac);
        } catch (RecordRefusedException e) {
            throw new RefusedRowException(String.valueOf(e.getMessage()));
        }
    }

    /** The MAC stands for the whole row: a row with another MAC is another row. */
    @Override
    public boolean replace(Connection connection, Row before, Row after) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("update " + table + " set ki_key = ?, ki_blob = ?,"
                + " opc_key = ?, opc_blob = ?, mac = ? where supi = ? and mac = ?")) {
            update.setString(1, after.content.ki().keyLabel());
            update.setBytes(2, after.content.ki().blob());
            update.setString(3, after.content.opc().keyLabel());
            update.setBytes(4, after.content.opc().blob());
            update.setBytes(5, after.content.mac());
            update.setString(6, before.content.supi().value());
            update.setBytes(7, before.content.mac());
            return update.executeUpdate() == 1;
        }
    }
}
