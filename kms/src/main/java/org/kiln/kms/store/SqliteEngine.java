package org.kiln.kms.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** SQLite in one file: write-ahead log, every commit synced to disk. One transaction writes at a time. */
final class SqliteEngine implements StoreEngine {

    private static final Logger LOG = LoggerFactory.getLogger(SqliteEngine.class);
    private static final int CONNECTIONS = 6;
    private static final int BUSY_TIMEOUT_MS = 15_000;

    private final StoreLocation.Sqlite location;
    private final HikariDataSource pool;
    private final KeptStatements kept;
    private final FilePresence presence;

    /** @param alone whether no other process may have the file open */
    SqliteEngine(StoreLocation.Sqlite location, boolean alone) throws IOException {
        this.location = location;
        presence = FilePresence.enter(location.file(), alone);
        kept = new KeptStatements(source(location, SQLiteConfig.TransactionMode.DEFERRED));
        try {
            pool = pool(location);
        } catch (RuntimeException e) {
            presence.abandon();
            throw explained(e);
        }
        if (presence.isDoubtful()) {
            try {
                look();
            } catch (SQLException | RuntimeException e) {
                pool.close();
                presence.abandon();
                throw explained(e);
            }
        }
    }

    /** What SQLite found wrong with the file itself is told as damage. */
    private RuntimeException explained(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLiteException found
                    && (found.getResultCode() == SQLiteErrorCode.SQLITE_CORRUPT
                            || found.getResultCode() == SQLiteErrorCode.SQLITE_NOTADB)) {
                return new StoreDamagedException(location.file(), String.valueOf(found.getMessage()));
            }
        }
        return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }

    private static HikariDataSource pool(StoreLocation.Sqlite location) {
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName("kiln-store");
        hikari.setDataSource(source(location, SQLiteConfig.TransactionMode.IMMEDIATE));
        hikari.setMaximumPoolSize(CONNECTIONS);
        hikari.setMinimumIdle(1);
        return new HikariDataSource(hikari);
    }

    /** What a crash left is consistent, or SQLite's own check says where it is not. Values of rows it cannot judge. */
    private void look() throws SQLException {
        LOG.warn("the store {} was not closed in order; looking through it before anything is served", location.file());
        try (Connection connection = pool.getConnection();
                Statement check = connection.createStatement();
                ResultSet finding = check.executeQuery("pragma quick_check(1)")) {
            String found = finding.next() ? finding.getString(1) : "no answer";
            if (!found.equals("ok")) {
                throw new StoreDamagedException(location.file(), found.replace('\n', ' '));
            }
        }
    }

    private static SQLiteDataSource source(StoreLocation.Sqlite location, SQLiteConfig.TransactionMode mode) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(mode);
        config.setBusyTimeout(BUSY_TIMEOUT_MS);
        config.enforceForeignKeys(true);
        config.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "true");
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + location.file());
        return source;
    }

    @Override
    public String dialect() {
        return "sqlite";
    }

    @Override
    public HikariDataSource plain() {
        return pool;
    }

    @Override
    public HikariDataSource serialised() {
        return pool;
    }

    @Override
    public <T> T query(String sql, Database.Query<T> query) throws SQLException {
        return kept.query(sql, query);
    }

    /** Deferred, for an immediate transaction would be a writer. The first statement fixes the state. */
    @Override
    public Connection snapshot() throws SQLException {
        Connection connection =
                source(location, SQLiteConfig.TransactionMode.DEFERRED).getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    @Override
    public Connection loading() throws SQLException {
        return source(location, SQLiteConfig.TransactionMode.IMMEDIATE).getConnection();
    }

    @Override
    public boolean isConflict(SQLException e) {
        return false;
    }

    @Override
    public Hearing hear(String channel) throws SQLException {
        return SqliteHearing.begin(
                source(location, SQLiteConfig.TransactionMode.DEFERRED).getConnection(), channel);
    }

    @Override
    public Optional<SoleRight> soleRight(String what) {
        return Optional.of(SoleRight.ofTheFolder());
    }

    @Override
    public void announce(Connection connection, String channel, String what) throws SQLException {
        SqliteHearing.announce(connection, channel, what);
    }

    @Override
    public String clockMillis() {
        return "cast(unixepoch('subsec') * 1000 as integer)";
    }

    @Override
    public void close() {
        kept.close();
        pool.close();
        presence.close();
    }
}
