package org.kiln.kms.suci;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.store.Database;

/**
 * The table of home-network keys. Every row is written with a code over all of it, and checked when it is read: else who
 * can write the database could have his own public key put on new cards.
 */
public final class SuciKeyRegister {

    private static final String COLUMNS = "identifier, scheme, state, public_key, made_at, changed_at, mac";

    private final Database database;
    private final RecordMac mac;

    public SuciKeyRegister(Database database, RecordMac mac) {
        this.database = database;
        this.mac = mac;
    }

    /** @throws SuciKeyException if the identifier is taken; none is given twice, for cards may bear it still */
    public void add(SuciKey key) {
        database.write(connection -> {
            requireFree(connection, key.identifier());
            try (PreparedStatement insert = connection.prepareStatement(
                    "insert into suci_key (" + COLUMNS + ") values (?, ?, ?, ?, ?, ?, ?)")) {
                insert.setInt(1, key.identifier());
                insert.setString(2, key.scheme().name());
                insert.setString(3, key.state().name());
                insert.setString(4, key.publicKey());
                insert.setString(5, key.madeAt().toString());
                insert.setString(6, key.changedAt().toString());
                insert.setBytes(7, mac.compute(key.authenticated()));
                insert.executeUpdate();
            }
            return audited(connection, key, key.madeAt(), "HOME_NETWORK_KEY_MADE");
        });
    }

    /** @throws SuciKeyException if the identifier is taken */
    public void requireFree(int identifier) {
        database.read(connection -> {
            requireFree(connection, identifier);
            return identifier;
        });
    }

    private void requireFree(Connection connection, int identifier) throws SQLException {
        if (read(connection, identifier).isPresent()) {
            throw new SuciKeyException(
                    "the register has a home-network key " + identifier + " already; choose another identifier");
        }
    }

    /**
     * Brings a key into another state; it is on disk when this returns.
     *
     * @throws SuciKeyException if there is no such key, or its life does not go that way
     */
    public SuciKey change(int identifier, SuciKeyState state, Instant now) {
        return database.write(connection -> {
            SuciKey changed = read(connection, identifier)
                    .orElseThrow(() -> new SuciKeyException(
                            "there is no home-network key " + identifier + "; see 'kiln suci-key list'"))
                    .become(state, now);
            try (PreparedStatement update = connection.prepareStatement(
                    "update suci_key set state = ?, changed_at = ?, mac = ? where identifier = ?")) {
                update.setString(1, changed.state().name());
                update.setString(2, changed.changedAt().toString());
                update.setBytes(3, mac.compute(changed.authenticated()));
                update.setInt(4, identifier);
                update.executeUpdate();
            }
            return audited(connection, changed, now, "HOME_NETWORK_KEY_" + state);
        });
    }

    private static SuciKey audited(Connection connection, SuciKey key, Instant at, String act) throws SQLException {
        AuditLog.add(
                connection,
                at,
                AuditLog.atTheTerminal(),
                act,
                "home-network-key/" + key.identifier(),
                key.scheme() + ", public key " + key.publicKey());
        return key;
    }

    /**
     * Brings a retiring key to its end; one that has ended stays so, that a broken-off end can be gone through again.
     *
     * @throws SuciKeyException if there is no such key, or it is still active
     */
    public SuciKey end(int identifier, Instant now) {
        Optional<SuciKey> ended = database.read(connection -> read(connection, identifier))
                .filter(key -> !key.state().serves());
        return ended.orElseGet(() -> change(identifier, SuciKeyState.RETIRED, now));
    }

    private Optional<SuciKey> read(Connection connection, int identifier) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select " + COLUMNS + " from suci_key where identifier = ?")) {
            select.setInt(1, identifier);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(checked(row)) : Optional.empty();
            }
        }
    }

    /**
     * All keys, by identifier.
     *
     * @throws SuciKeyException if a row's code is wrong
     */
    public List<SuciKey> list() {
        return database.read(connection -> {
            try (PreparedStatement select =
                            connection.prepareStatement("select " + COLUMNS + " from suci_key order by identifier");
                    ResultSet rows = select.executeQuery()) {
                List<SuciKey> keys = new ArrayList<>();
                while (rows.next()) {
                    keys.add(checked(rows));
                }
                return keys;
            }
        });
    }

    private SuciKey checked(ResultSet row) throws SQLException {
        SuciKey key = new SuciKey(
                row.getInt(1),
                ProtectionScheme.valueOf(row.getString(2)),
                SuciKeyState.valueOf(row.getString(3)),
                row.getString(4),
                Instant.parse(row.getString(5)),
                Instant.parse(row.getString(6)));
        if (!mac.verify(key.authenticated(), row.getBytes(7))) {
            throw new SuciKeyException("the register's row of home-network key " + key.identifier()
                    + " was changed by somebody else than Kiln, or belongs to another token: do not use the key");
        }
        return key;
    }
}
