package org.kiln.kms.rotation;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Optional;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.keys.OpcKeyStore;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.store.Database;

/** The table of OPc keys. */
public final class OpcKeyTable implements OpcKeyStore {

    private final Database database;

    public OpcKeyTable(Database database) {
        this.database = database;
    }

    @Override
    public Optional<WrappedKey> find(int version) {
        return database.read(connection -> find(connection, version));
    }

    private static Optional<WrappedKey> find(Connection connection, int version) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select wrapped from opc_key where version = ?")) {
            select.setInt(1, version);
            try (ResultSet row = select.executeQuery()) {
                return row.next()
                        ? Optional.of(new WrappedKey(
                                KeyLabels.hostStorage(version), HexFormat.of().parseHex(row.getString(1))))
                        : Optional.empty();
            }
        }
    }

    @Override
    public WrappedKey keep(int version, WrappedKey made) {
        return database.write(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(
                    "insert into opc_key (version, wrapped) values (?, ?) on conflict do nothing")) {
                insert.setInt(1, version);
                insert.setString(2, HexFormat.of().formatHex(made.blob()));
                insert.executeUpdate();
            }
            return find(connection, version).orElseThrow();
        });
    }

    /** With the key that it is wrapped under, an OPc key goes. */
    static void forget(Connection connection, int version) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("delete from opc_key where version = ?")) {
            delete.setInt(1, version);
            delete.executeUpdate();
        }
    }
}
