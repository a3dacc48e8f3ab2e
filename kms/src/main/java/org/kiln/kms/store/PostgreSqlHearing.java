package org.kiln.kms.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** Hears PostgreSQL's notifications. */
final class PostgreSqlHearing implements Hearing {

    private static final int WAIT_MS = 500;

    private final Connection connection;
    private final PGConnection notifications;

    private PostgreSqlHearing(Connection connection) throws SQLException {
        this.connection = connection;
        notifications = connection.unwrap(PGConnection.class);
    }

    /** @param connection of its own, which it closes */
    static PostgreSqlHearing begin(Connection connection, String channel) throws SQLException {
        try {
            PostgreSqlHearing hearing = new PostgreSqlHearing(connection);
            hearing.execute("listen " + channel);
            return hearing;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public List<String> next() throws SQLException {
        PGNotification[] heard = notifications.getNotifications(WAIT_MS);
        if (heard == null || heard.length == 0) {
            execute("select 1");
            return List.of();
        }
        return Stream.of(heard).map(PGNotification::getParameter).toList();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
