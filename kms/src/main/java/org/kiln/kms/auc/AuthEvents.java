package org.kiln.kms.auc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.kiln.kms.hsm.TokenBusyException;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.Gathering;
import org.kiln.kms.store.StoreException;
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
    private static final int MOST = 64;
    private static final int QUEUE = 4096;

    private final Gathering<Confirmation, Optional<String>> confirmations;
    private final Gathering<Removal, Boolean> removals;

    private record Confirmation(Supi supi, AuthEvent event) {}

    private record Removal(Supi supi, String id) {}

    public AuthEvents(Database database) {
        confirmations = new Gathering<>(
                "auth-events", THREADS, MOST, QUEUE, all -> database.write(connection -> confirmed(connection, all)));
        removals = new Gathering<>(
                "auth-event-removals",
                THREADS,
                MOST,
                QUEUE,
                all -> database.write(connection -> removed(connection, all)));
    }

    /**
     * Keeps an event, in the place of an earlier one of the same serving network. Events that come at the same time are one
     * transaction.
     *
     * @return its identifier; fails with {@link AuthenticationException.UnknownSubscriber},
     *     {@link AuthenticationException.Unavailable} or {@link TokenBusyException}
     */
    public CompletableFuture<String> confirm(Supi supi, AuthEvent event) {
        return answered(
                confirmations.ask(new Confirmation(supi, event)),
                id -> id.orElseThrow(AuthenticationException.UnknownSubscriber::new));
    }

    private static List<Optional<String>> confirmed(Connection connection, List<Confirmation> all) throws SQLException {
        List<Optional<String>> ids = new ArrayList<>(all.size());
        for (Confirmation each : all) {
            if (exists(connection, each.supi)) {
                String id = each.event.id(each.supi);
                upsert(connection, each.supi, id, each.event);
                ids.add(Optional.of(id));
            } else {
                ids.add(Optional.empty());
            }
        }
        return ids;
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
        return answered(removals.ask(new Removal(supi, id)), removed -> {
            if (!removed) {
                throw new AuthenticationException.UnknownEvent();
            }
            return id;
        });
    }

    private static List<Boolean> removed(Connection connection, List<Removal> all) throws SQLException {
        List<Boolean> removed = new ArrayList<>(all.size());
        try (PreparedStatement delete =
                connection.prepareStatement("delete from auth_event where supi = ? and id = ?")) {
            for (Removal each : all) {
                delete.setString(1, each.supi.value());
                delete.setString(2, each.id);
                removed.add(delete.executeUpdate() == 1);
            }
        }
        return removed;
    }

    private static <A, T> CompletableFuture<T> answered(CompletableFuture<A> asked, Function<A, T> then) {
        CompletableFuture<T> result = new CompletableFuture<>();
        var _ = asked.whenComplete((answer, failure) -> {
            if (failure != null) {
                result.completeExceptionally(explained(failure));
                return;
            }
            try {
                result.complete(then.apply(answer));
            } catch (AuthenticationException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
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
        confirmations.close();
        removals.close();
    }
}
