package org.kiln.kms.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** SQLite in one file: write-ahead log, every commit synced to disk. One transaction writes at a time. */
final class SqliteEngine implements StoreEngine {

    private static final int CONNECTIONS = 6;
    private static final int BUSY_TIMEOUT_MS = 15_000;

    private final HikariDataSource pool;

    SqliteEngine(StoreLocation.Sqlite location) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        config.setBusyTimeout(BUSY_TIMEOUT_MS);
        config.enforceForeignKeys(true);
        config.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "true");
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + location.file());
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName("kiln-store");
        hikari.setDataSource(source);
        hikari.setMaximumPoolSize(CONNECTIONS);
        hikari.setMinimumIdle(1);
        pool = new HikariDataSource(hikari);
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

    /** A statement reads one state by itself, and a transaction here would keep writers out. */
    @Override
    public void beginSnapshot(Connection connection) {}

    @Override
    public boolean isConflict(SQLException e) {
        return false;
    }

    @Override
    public Connection ownConnection() throws SQLException {
        return pool.getConnection();
    }

    @Override
    public Optional<SoleRight> soleRight(String what) {
        return Optional.of(SoleRight.ofTheFolder());
    }

    /** Nobody could listen. */
    @Override
    public void announce(Connection connection, String channel, String what) {}

    @Override
    public String clockMillis() {
        return "cast(unixepoch('subsec') * 1000 as integer)";
    }

    @Override
    public void close() {
        pool.close();
    }
}
