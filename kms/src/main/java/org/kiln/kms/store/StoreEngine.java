package org.kiln.kms.store;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** What differs between the engines: how they are reached, and how they keep transactions apart. */
sealed interface StoreEngine extends AutoCloseable permits SqliteEngine, PostgreSqlEngine {

    /** The folder of migrations that are this engine's alone. */
    String dialect();

    /** For single statements, and transactions whose statements each check what they rely on. */
    HikariDataSource plain();

    /** For transactions that run as if one after another. */
    HikariDataSource serialised();

    /** Runs a single query that is asked all the time. */
    <T> T query(String sql, Database.Query<T> query) throws SQLException;

    /**
     * A connection within a transaction that reads one state of the database, whatever is written meanwhile, and that keeps
     * no writer out; the caller closes it.
     */
    Connection snapshot() throws SQLException;

    /** A connection for many rows in batches, whose counts do not matter; the caller closes it. */
    Connection loading() throws SQLException;

    /** Whether a transaction lost against another that ran beside it, so that it may succeed when it is run again. */
    boolean isConflict(SQLException e);

    /** Begins to hear what is announced on {@code channel}, a lower-case word, from now on; the caller ends it. */
    Hearing hear(String channel) throws SQLException;

    /** Takes a sole right; empty if another process has it. */
    Optional<SoleRight> soleRight(String what) throws SQLException;

    /** Says, when the transaction is committed, to who listens on {@code channel} that {@code what} has changed. */
    void announce(Connection connection, String channel, String what) throws SQLException;

    /** An expression for the database's clock, in milliseconds since 1970. */
    String clockMillis();

    @Override
    void close();
}
