package org.kiln.kms.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The right to do something that one process at a time does among those that share a database. It ends with the process, or
 * with the connection that stands for it.
 */
public final class SoleRight implements AutoCloseable {

    private final Optional<Connection> connection;

    private SoleRight(Optional<Connection> connection) {
        this.connection = connection;
    }

    /** Where the folder's own lock keeps other processes out. */
    static SoleRight ofTheFolder() {
        return new SoleRight(Optional.empty());
    }

    /** @return empty if another process has it */
    static Optional<SoleRight> onPostgreSql(Connection connection, String what) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement("select pg_try_advisory_lock(hashtext(?))")) {
            lock.setString(1, "kiln " + what);
            try (ResultSet row = lock.executeQuery()) {
                row.next();
                if (row.getBoolean(1)) {
                    return Optional.of(new SoleRight(Optional.of(connection)));
                }
            }
        }
        connection.close();
        return Optional.empty();
    }

    /** Asks the database whether the connection still stands. */
    public boolean isHeld() {
        return connection
                .map(own -> {
                    try {
                        return own.isValid(1);
                    } catch (SQLException e) {
                        return false;
                    }
                })
                .orElse(true);
    }

    @Override
    public void close() {
        connection.ifPresent(own -> {
            try {
                own.close();
            } catch (SQLException e) {
                throw new StoreException("the database connection cannot be closed: " + e.getMessage(), e);
            }
        });
    }
}
