package org.kiln.kms.provisioning;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.store.Database;

/** The table of transport keys: whose each is and which way it goes. */
public final class TransportKeyRegister {

    private final Database database;

    public TransportKeyRegister(Database database) {
        this.database = database;
    }

    public void add(TransportKey key) {
        database.write(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(
                    "insert into transport_key (label, partner, direction, octets, kcv_zero) values (?, ?, ?, ?, ?)")) {
                insert.setString(1, key.label());
                insert.setString(2, key.partner());
                insert.setString(3, key.direction().name());
                insert.setInt(4, key.octets());
                insert.setString(5, key.kcvZero());
                return insert.executeUpdate();
            }
        });
    }

    public Optional<TransportKey> find(String label) {
        return list().stream().filter(key -> key.label().equals(label)).findFirst();
    }

    /** All keys, by label. */
    public List<TransportKey> list() {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                            "select label, partner, direction, octets, kcv_zero from transport_key order by label");
                    ResultSet rows = select.executeQuery()) {
                List<TransportKey> keys = new ArrayList<>();
                while (rows.next()) {
                    keys.add(key(rows));
                }
                return keys;
            }
        });
    }

    private static TransportKey key(ResultSet row) throws SQLException {
        return new TransportKey(
                row.getString(1),
                row.getString(2),
                Direction.valueOf(row.getString(3)),
                row.getInt(4),
                row.getString(5));
    }
}
