package org.kiln.kms.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Hears what is put into a table. Whether anything was committed to the file since the last look is told by its data version,
 * which costs no reading of it.
 */
final class SqliteHearing implements Hearing {

    private static final long PAUSE_MS = 50;

    /** Rows that stay in the table, for a minute at most: who falls farther behind begins anew. */
    private static final int KEPT = 10_000;

    private static final String CLEAR = "delete from announcement where at < unixepoch() - 60"
            + " or number <= (select max(number) from announcement) - " + KEPT;

    private final Connection connection;
    private final String channel;
    private final PreparedStatement dataVersion;
    private final PreparedStatement newest;
    private final PreparedStatement after;
    private long version;
    private long last;

    /** @param connection of its own, which it closes */
    static SqliteHearing begin(Connection connection, String channel) throws SQLException {
        try {
            return new SqliteHearing(connection, channel);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private SqliteHearing(Connection connection, String channel) throws SQLException {
        this.connection = connection;
        this.channel = channel;
        dataVersion = connection.prepareStatement("pragma data_version");
        newest = connection.prepareStatement(
                "select coalesce(max(seq), 0) from sqlite_sequence where name = 'announcement'");
        after = connection.prepareStatement(
                "select number, channel, what from announcement where number > ? order by number");
        try (PreparedStatement clear = connection.prepareStatement(CLEAR)) {
            clear.executeUpdate();
        }
        version = number(dataVersion);
        last = number(newest);
    }

    private static long number(PreparedStatement query) throws SQLException {
        try (ResultSet row = query.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Announces something within the connection's transaction. */
    static void announce(Connection connection, String channel, String what) throws SQLException {
        try (PreparedStatement insert =
                        connection.prepareStatement("insert into announcement (channel, what) values (?, ?)");
                PreparedStatement clear = connection.prepareStatement(CLEAR)) {
            insert.setString(1, channel);
            insert.setString(2, what);
            insert.executeUpdate();
            clear.executeUpdate();
        }
    }

    @Override
    public List<String> next() throws SQLException {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MS));
        long now = number(dataVersion);
        if (now == version) {
            return List.of();
        }
        version = now;
        long given = number(newest);
        List<String> heard = new ArrayList<>();
        after.setLong(1, last);
        try (ResultSet row = after.executeQuery()) {
            while (row.next()) {
                long number = row.getLong("number");
                if (number != last + 1) {
                    throw missed();
                }
                last = number;
                if (row.getString("channel").equals(channel)) {
                    heard.add(row.getString("what"));
                }
            }
        }
        if (last < given) {
            throw missed();
        }
        return heard;
    }

    /** Numbers follow one another; where some lack, rows went before they were read. */
    private static SQLException missed() {
        return new SQLException("more was announced than is kept");
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
