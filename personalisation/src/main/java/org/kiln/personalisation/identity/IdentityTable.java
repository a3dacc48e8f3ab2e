package org.kiln.personalisation.identity;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.journal.Journal;
import org.kiln.personalisation.order.RetainedKeys;
import org.kiln.transfer.numbering.Supi;

/** Rows of identities, each call within the caller's transaction. Rows are written with their code and checked when read. */
final class IdentityTable {

    private static final String COLUMNS =
            "select id, body, state, deadline, package_sha256, changed, mac from identity ";

    static final Journal JOURNAL = new Journal("identity_event", "identity_id");

    private final RecordMac mac;

    IdentityTable(RecordMac mac) {
        this.mac = mac;
    }

    void insert(Connection connection, DeviceIdentity identity) throws SQLException {
        Issue issue = identity.issue();
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into identity (id, device_id, nonce, state, broker, supi, body,"
                        + " deadline, package_sha256, created, changed, mac) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, identity.id());
            insert.setString(2, issue.deviceId());
            insert.setString(3, issue.nonce());
            insert.setString(4, identity.state().name());
            insert.setString(5, issue.broker());
            insert.setString(6, issue.supi().value());
            insert.setString(7, Documents.writeJson(issue));
            insert.setString(8, Objects.toString(identity.deadline(), ""));
            insert.setString(9, identity.packageSha256());
            insert.setString(10, issue.created().toString());
            insert.setString(11, identity.changed().toString());
            insert.setBytes(12, mac.compute(identity.authenticated()));
            insert.executeUpdate();
        }
    }

    /** Writes what changes of an identity. */
    void update(Connection connection, DeviceIdentity identity) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("update identity set state = ?, deadline = ?,"
                + " package_sha256 = ?, changed = ?, mac = ? where id = ?")) {
            update.setString(1, identity.state().name());
            update.setString(2, Objects.toString(identity.deadline(), ""));
            update.setString(3, identity.packageSha256());
            update.setString(4, identity.changed().toString());
            update.setBytes(5, mac.compute(identity.authenticated()));
            update.setString(6, identity.id());
            update.executeUpdate();
        }
    }

    /** @param sealed null to destroy it */
    void setPackage(Connection connection, String id, @Nullable SealedPackage sealed) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("update identity set package = ? where id = ?")) {
            update.setString(1, sealed == null ? null : Documents.writeJson(sealed));
            update.setString(2, id);
            update.executeUpdate();
        }
    }

    void setRetained(Connection connection, String id, Map<String, WrappedKey> retained) throws SQLException {
        Map<String, String> texts = new LinkedHashMap<>();
        retained.forEach((name, key) -> texts.put(name, RetainedKeys.text(key)));
        try (PreparedStatement update =
                connection.prepareStatement("update identity set operator_keys = ? where id = ?")) {
            update.setString(1, Documents.writeRow(texts));
            update.setString(2, id);
            update.executeUpdate();
        }
    }

    Optional<SealedPackage> sealed(Connection connection, String id) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select package from identity where id = ? and package is not null")) {
            select.setString(1, id);
            try (ResultSet row = select.executeQuery()) {
                return row.next()
                        ? Optional.of(Documents.readStored(row.getString(1), SealedPackage.class))
                        : Optional.empty();
            }
        }
    }

    Optional<DeviceIdentity> find(Connection connection, String id) throws SQLException {
        return select(connection, "where id = ?", id).stream().findFirst();
    }

    Optional<DeviceIdentity> findByNonce(Connection connection, String deviceId, String nonce) throws SQLException {
        return select(connection, "where device_id = ? and nonce = ?", deviceId, nonce).stream()
                .findFirst();
    }

    /** All of a device, the oldest first. */
    List<DeviceIdentity> ofDevice(Connection connection, String deviceId) throws SQLException {
        return select(connection, "where device_id = ? order by created, id", deviceId);
    }

    Optional<DeviceIdentity> ofSubscriber(Connection connection, Supi supi) throws SQLException {
        return select(connection, "where supi = ?", supi.value()).stream().findFirst();
    }

    /** Ids of those whose rows say that they are in a state; the rows are not checked. */
    static List<String> inState(Connection connection, IdentityState state) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select id from identity where state = ? order by created, id")) {
            select.setString(1, state.name());
            try (ResultSet rows = select.executeQuery()) {
                List<String> ids = new ArrayList<>();
                while (rows.next()) {
                    ids.add(rows.getString(1));
                }
                return ids;
            }
        }
    }

    /**
     * The newest first.
     *
     * @param broker whose; null for all
     */
    List<DeviceIdentity> page(Connection connection, @Nullable String broker, int limit) throws SQLException {
        return broker == null
                ? select(connection, "order by created desc, id limit ?", limit)
                : select(connection, "where broker = ? order by created desc, id limit ?", broker, limit);
    }

    private List<DeviceIdentity> select(Connection connection, String where, Object... values) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(COLUMNS + where)) {
            for (int i = 0; i < values.length; i++) {
                select.setObject(i + 1, values[i]);
            }
            try (ResultSet rows = select.executeQuery()) {
                List<DeviceIdentity> identities = new ArrayList<>();
                while (rows.next()) {
                    identities.add(read(rows));
                }
                return identities;
            }
        }
    }

    private DeviceIdentity read(ResultSet row) throws SQLException {
        String deadline = row.getString(4);
        DeviceIdentity identity = new DeviceIdentity(
                row.getString(1),
                Documents.readStored(row.getString(2), Issue.class),
                IdentityState.valueOf(row.getString(3)),
                deadline.isEmpty() ? null : Instant.parse(deadline),
                row.getString(5),
                Instant.parse(row.getString(6)));
        if (!mac.verify(identity.authenticated(), row.getBytes(7))) {
            throw new IllegalStateException("the record of identity " + identity.id()
                    + " is damaged: it was changed by something else than Kiln");
        }
        return identity;
    }
}
