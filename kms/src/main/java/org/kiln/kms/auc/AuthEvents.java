package org.kiln.kms.auc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.kiln.kms.hsm.TokenBusyException;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.StoreException;
import org.kiln.kms.store.StoreThreads;
import org.kiln.transfer.numbering.Supi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table of authentication events: of each subscriber and serving network the one that was confirmed last. A
 * subscriber who is removed takes his along. Never blocks its caller.
 */
public final class AuthEvents implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AuthEvents.class);
    private static final int THREADS = 1;
    private static final int QUEUE = 4096;

    private final Database database;
    private final StoreThreads threads = new StoreThreads("auth-events", THREADS, QUEUE);

    public AuthEvents(Database database) {
        this.database = database;
    }

    /**
     * Keeps an event, in the place of an earlier one of the same serving network.
     *
     * @return its identifier; fails with {@link AuthenticationException.UnknownSubscriber},
     *     {@link AuthenticationException.Unavailable} or {@link TokenBusyException}
     */
    public CompletableFuture<String> confirm(Supi supi, AuthEvent event) {
        return threads.start(
                () -> database.write(connection -> {
                    if (!exists(connection, supi)) {
                        throw new AuthenticationException.UnknownSubscriber();
                    }
                    String id = event.id(supi);
                    upsert(connection, supi, id, event);
                    return id;
                }),
                AuthEvents::explained);
    }

    /**
     * Whether a network has confirmed that the subscriber authenticated, within the caller's transaction. A request for
     * vectors would prove nothing of the kind: a network asks for them before the device has answered, and whoever knows
     * the SUPI can have it asked.
     */
    public static boolean hasAuthenticated(Connection connection, Supi supi) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select 1 from auth_event where supi = ? and success limit 1")) {
            select.setString(1, supi.value());
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private static boolean exists(Connection connection, Supi supi) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select 1 from subscriber where supi = ?")) {
            select.setString(1, supi.value());
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private static void upsert(Connection connection, Supi supi, String id, AuthEvent event) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("insert into auth_event (supi, serving_network, id,"
                + " nf_instance, success, auth_type, happened_at) values (?, ?, ?, ?, ?, ?, ?)"
                + " on conflict (supi, serving_network) do update set id = excluded.id,"
                + " nf_instance = excluded.nf_instance, success = excluded.success,"
                + " auth_type = excluded.auth_type, happened_at = excluded.happened_at")) {
            upsert.setString(1, supi.value());
            upsert.setString(2, event.servingNetworkName());
            upsert.setString(3, id);
            upsert.setString(4, event.nfInstanceId());
            upsert.setBoolean(5, event.success());
            upsert.setString(6, event.authType());
            upsert.setString(7, event.timeStamp());
            upsert.executeUpdate();
        }
    }

    /**
     * Forgets an event.
     *
     * @return the identifier; fails with {@link AuthenticationException.UnknownEvent} if the subscriber has no such event,
     *     or it is no longer his latest
     */
    public CompletableFuture<String> remove(Supi supi, String id) {
        return threads.start(
                () -> database.write(connection -> {
                    try (PreparedStatement delete =
                            connection.prepareStatement("delete from auth_event where supi = ? and id = ?")) {
                        delete.setString(1, supi.value());
                        delete.setString(2, id);
                        if (delete.executeUpdate() == 0) {
                            throw new AuthenticationException.UnknownEvent();
                        }
                        return id;
                    }
                }),
                AuthEvents::explained);
    }

    private static Throwable explained(Throwable e) {
        return switch (e) {
            case RejectedExecutionException _ -> new TokenBusyException();
            case StoreException refused -> {
                LOG.error("an authentication event is not kept: {}", refused.getMessage());
                yield new AuthenticationException.Unavailable("the store cannot serve now; see the log");
            }
            default -> e;
        };
    }

    /** Finishes what has begun. */
    @Override
    public void close() {
        threads.close();
    }
}
