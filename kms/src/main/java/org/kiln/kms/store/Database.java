package org.kiln.kms.store;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;

/**
 * The SQL database of a node: SQLite in a file, or PostgreSQL. What is committed is on disk, and several processes may
 * have it open. Safe for use by many threads.
 */
public final class Database implements AutoCloseable {

    private static final int MOST_TRIES = 30;
    private static final long LONGEST_PAUSE_MS = 100;

    private final StoreLocation location;
    private final StoreEngine engine;

    /** Of a registry that leads nowhere, until {@link #measure} names one. */
    private volatile StoreMeter meter = new StoreMeter(new CompositeMeterRegistry());

    private Database(StoreLocation location, StoreEngine engine) {
        this.location = location;
        this.engine = engine;
    }

    /** Work on one connection. */
    @FunctionalInterface
    public interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** Opens the file, making it if it is missing. */
    public static Database open(Path file) {
        return open(new StoreLocation.Sqlite(file));
    }

    /**
     * Opens a database; a missing file is made, a missing PostgreSQL database is not.
     *
     * @throws StoreDamagedException if a file is not what it was when it was last closed, or is no sound database
     * @throws StoreException if it cannot be reached
     */
    public static Database open(StoreLocation location) {
        return open(location, false);
    }

    /**
     * As {@link #open(StoreLocation)}, and keeps other processes out until it is closed, if it is a file.
     *
     * @throws StoreException if another process has the file open too
     */
    public static Database openAlone(StoreLocation location) {
        return open(location, true);
    }

    private static Database open(StoreLocation location, boolean alone) {
        try {
            return new Database(
                    location,
                    switch (location) {
                        case StoreLocation.Sqlite sqlite -> new SqliteEngine(sqlite, alone);
                        case StoreLocation.PostgreSql postgreSql -> new PostgreSqlEngine(postgreSql);
                    });
        } catch (StoreException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new StoreException("the database " + location.name() + " cannot be opened: " + rootMessage(e), e);
        }
    }

    public StoreLocation location() {
        return location;
    }

    /** Shows from now on how long the store takes. */
    public void measure(MeterRegistry registry) {
        meter = new StoreMeter(registry);
    }

    /** An SQL expression for the database's own clock, in milliseconds since 1970: nodes have no other in common. */
    public String clockMillis() {
        return engine.clockMillis();
    }

    /**
     * Brings one room's tables up to date from {@code classpath:db/<engine>/<room>} and {@code classpath:db/common/<room>}.
     * Processes that start together take turns.
     */
    public void migrate(String room) {
        try {
            flyway(room).migrate();
        } catch (FlywayException e) {
            throw new StoreException("the tables of " + room + " cannot be brought up to date: " + rootMessage(e), e);
        }
    }

    private Flyway flyway(String room) {
        return Flyway.configure()
                .dataSource(engine.plain())
                .locations("classpath:db/" + engine.dialect() + "/" + room, "classpath:db/common/" + room)
                .table("migration_" + room)
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load();
    }

    /** How one room's tables stand to what this release wants; changes nothing. */
    public SchemaVersion schema(String room) {
        try {
            MigrationInfoService info = flyway(room).info();
            MigrationInfo current = info.current();
            return new SchemaVersion(
                    current == null ? "0" : String.valueOf(current.getVersion()),
                    info.pending().length,
                    Stream.of(info.applied()).anyMatch(each -> each.getState() == MigrationState.FUTURE_SUCCESS));
        } catch (FlywayException e) {
            throw new StoreException("the tables of " + room + " cannot be looked at: " + rootMessage(e), e);
        }
    }

    /** Runs single statements, each its own transaction. */
    public <T> T read(Work<T> work) {
        return timed(StoreMeter.Kind.READ, () -> readUntimed(work));
    }

    private <T> T readUntimed(Work<T> work) {
        try (Connection connection = engine.plain().getConnection()) {
            return work.on(connection);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** A query with its parameters; it closes the rows that it reads, but not the statement. */
    @FunctionalInterface
    public interface Query<T> {
        T on(PreparedStatement prepared) throws SQLException;
    }

    /**
     * Runs a single query that is asked all the time: it stays prepared where that saves much.
     *
     * @param sql one of few
     */
    public <T> T query(String sql, Query<T> query) {
        return timed(StoreMeter.Kind.READ, () -> {
            try {
                return engine.query(sql, query);
            } catch (SQLException e) {
                throw failed(e);
            }
        });
    }

    /** Runs queries whose rows are taken as they come, however many, all from one state of the database. */
    public <T> T scan(Work<T> queries) {
        return timed(StoreMeter.Kind.SCAN, () -> scanUntimed(queries));
    }

    private <T> T scanUntimed(Work<T> queries) {
        try (Connection connection = engine.snapshot()) {
            return queries.on(connection);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Runs {@code work}, which puts many rows into a database that nothing else writes to, in one transaction. */
    public <T> T load(Work<T> work) {
        return timed(StoreMeter.Kind.LOAD, () -> loadUntimed(work));
    }

    private <T> T loadUntimed(Work<T> work) {
        try (Connection connection = engine.loading()) {
            return committed(connection, work, broken -> {});
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /**
     * Runs {@code work} in one transaction: all of it is on disk when this returns, or none. Such transactions run as if one
     * after another; {@code work} may be run more than once for that, and must leave nothing behind but rows.
     */
    public <T> T write(Work<T> work) {
        return timed(StoreMeter.Kind.WRITE, () -> writeUntimed(work));
    }

    private <T> T writeUntimed(Work<T> work) {
        for (int tries = 1; ; tries++) {
            try {
                return transact(engine.serialised(), work);
            } catch (SQLException e) {
                if (tries == MOST_TRIES || !engine.isConflict(e)) {
                    throw failed(e);
                }
                pause(tries);
            }
        }
    }

    /**
     * Runs {@code work} in one transaction beside others, whose changes it may see between its statements: each of its
     * statements must check in itself what it relies on.
     */
    public <T> T writeBeside(Work<T> work) {
        return timed(StoreMeter.Kind.WRITE, () -> writeBesideUntimed(work));
    }

    private <T> T writeBesideUntimed(Work<T> work) {
        for (int tries = 1; ; tries++) {
            try {
                return transact(engine.plain(), work);
            } catch (SQLException e) {
                if (tries == MOST_TRIES || !engine.isConflict(e)) {
                    throw failed(e);
                }
                pause(tries);
            }
        }
    }

    /**
     * Says to other processes, when the caller's transaction is committed, that something has changed.
     *
     * @param channel a lower-case word
     * @param what has changed
     */
    public void announce(Connection connection, String channel, String what) throws SQLException {
        engine.announce(connection, channel, what);
    }

    /**
     * Hears what this and other processes announce; the caller closes it before the database.
     *
     * @param changed told what has changed, soon after it has
     * @param gap told when announcements may have been missed, before the first that is heard again
     */
    public ChangeFeed feed(String channel, Consumer<String> changed, Runnable gap) {
        return new ChangeFeed(engine, channel, changed, gap);
    }

    /**
     * Takes the right to do something that one process at a time does; the caller closes it before the database.
     *
     * @return empty if another process has it
     */
    public Optional<SoleRight> soleRight(String what) {
        try {
            return engine.soleRight(what);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private <T> T timed(StoreMeter.Kind kind, Supplier<T> work) {
        long begun = System.nanoTime();
        boolean well = false;
        try {
            T result = work.get();
            well = true;
            return result;
        } finally {
            meter.took(kind, begun, well);
        }
    }

    private static <T> T transact(HikariDataSource pool, Work<T> work) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            return committed(connection, work, pool::evictConnection);
        }
    }

    /** @param broken what becomes of a connection that cannot roll back, as SQLite's after a disk was full */
    private static <T> T committed(Connection connection, Work<T> work, Consumer<Connection> broken)
            throws SQLException {
        try {
            connection.setAutoCommit(false);
            T result = work.on(connection);
            connection.commit();
            return result;
        } catch (SQLException | RuntimeException e) {
            try {
                connection.rollback();
            } catch (SQLException refused) {
                e.addSuppressed(refused);
                broken.accept(connection);
            }
            throw e;
        }
    }

    private static void pause(int tries) {
        long most = Math.min(LONGEST_PAUSE_MS, 1L << Math.min(tries, 10));
        LockSupport.parkNanos(
                TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextLong(1, most + 1)));
    }

    private static StoreException failed(SQLException e) {
        return new StoreException("the database refused: " + e.getMessage(), e);
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    @Override
    public void close() {
        engine.close();
    }
}
