package org.kiln.kms.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * PostgreSQL. Two pools: one whose transactions are SERIALIZABLE, one at READ COMMITTED for the rest.
 */
final class PostgreSqlEngine implements StoreEngine {

    private static final int CONNECT_TIMEOUT_S = 5;
    private static final int ANSWER_TIMEOUT_S = 30;
    private static final int POOL_TIMEOUT_MS = 5_000;
    private static final int ROWS_A_FETCH = 1000;

    /** serialization_failure, deadlock_detected; and unique_violation, as which two equal insertions may end. */
    private static final Set<String> CONFLICTS = Set.of("40001", "40P01", "23505");

    private final StoreLocation.PostgreSql location;
    private final PGSimpleDataSource own;
    private final HikariDataSource plain;
    private final HikariDataSource serialised;

    PostgreSqlEngine(StoreLocation.PostgreSql location) {
        this.location = location;
        int forTransactions = Math.max(1, location.connections() / 2);
        own = source(location, "kiln-feed", ANSWER_TIMEOUT_S);
        plain = pool(
                location, "kiln-store", location.connections() - forTransactions, ANSWER_TIMEOUT_S, "read committed");
        try {
            serialised = pool(location, "kiln-store-serialised", forTransactions, 0, "serializable");
        } catch (RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    private static PGSimpleDataSource source(StoreLocation.PostgreSql location, String name, int answerTimeout) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(location.url());
        source.setUser(location.user());
        location.password().ifPresent(source::setPassword);
        source.setApplicationName(name);
        source.setConnectTimeout(CONNECT_TIMEOUT_S);
        source.setSocketTimeout(answerTimeout);
        source.setTcpKeepAlive(true);
        source.setDefaultRowFetchSize(ROWS_A_FETCH);
        // Rows stand in the details of errors, and rows hold SUPIs.
        source.setLogServerErrorDetail(false);
        return source;
    }

    private static HikariDataSource pool(
            StoreLocation.PostgreSql location, String name, int connections, int answerTimeout, String isolation) {
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName(name);
        hikari.setDataSource(source(location, name, answerTimeout));
        hikari.setMaximumPoolSize(connections);
        hikari.setMinimumIdle(1);
        hikari.setConnectionTimeout(POOL_TIMEOUT_MS);
        hikari.setConnectionInitSql("set default_transaction_isolation = '" + isolation + "'");
        return new HikariDataSource(hikari);
    }

    @Override
    public String dialect() {
        return "postgresql";
    }

    @Override
    public HikariDataSource plain() {
        return plain;
    }

    @Override
    public HikariDataSource serialised() {
        return serialised;
    }

    /** The driver knows again what was prepared before on a connection. */
    @Override
    public <T> T query(String sql, Database.Query<T> query) throws SQLException {
        try (Connection connection = plain.getConnection();
                PreparedStatement prepared = connection.prepareStatement(sql)) {
            return query.on(prepared);
        }
    }

    @Override
    public Connection snapshot() throws SQLException {
        Connection connection = own.getConnection();
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setReadOnly(true);
        return connection;
    }

    /** The driver makes one statement of many rows, and so cannot say of each whether it went in. */
    @Override
    public Connection loading() throws SQLException {
        PGSimpleDataSource source = source(location, "kiln-load", 0);
        source.setReWriteBatchedInserts(true);
        return source.getConnection();
    }

    @Override
    public boolean isConflict(SQLException e) {
        String state = e.getSQLState();
        return state != null && CONFLICTS.contains(state);
    }

    @Override
    public Hearing hear(String channel) throws SQLException {
        return PostgreSqlHearing.begin(own.getConnection(), channel);
    }

    @Override
    public Optional<SoleRight> soleRight(String what) throws SQLException {
        return SoleRight.onPostgreSql(own.getConnection(), what);
    }

    @Override
    public void announce(Connection connection, String channel, String what) throws SQLException {
        try (PreparedStatement notify = connection.prepareStatement("select pg_notify(?, ?)")) {
            notify.setString(1, channel);
            notify.setString(2, what);
            notify.execute();
        }
    }

    @Override
    public String clockMillis() {
        return "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)";
    }

    @Override
    public void close() {
        serialised.close();
        plain.close();
    }
}
