package org.kiln.personalisation.identity;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.kiln.kms.auc.AuthEvents;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.personalisation.journal.Journal;
import org.kiln.transfer.numbering.Supi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of identities that their devices have confirmed. Once a network has confirmed that one authenticated, it is
 * {@link IdentityState#ACTIVE} and what it replaces is suspended; if none has in time, it is suspended itself and the
 * device keeps what it had. Looks at the table again and again, since events come to any node.
 */
public final class Succession implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Succession.class);
    private static final long EVERY_MS = 1_000;

    private final IdentityBook book;
    private final BiConsumer<Supi, Runnable> withdraw;
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("succession").factory());

    /** @param withdraw runs a change of a subscriber while nobody is served from his old record */
    public Succession(IdentityBook book, BiConsumer<Supi, Runnable> withdraw) {
        this.book = book;
        this.withdraw = withdraw;
    }

    public void start() {
        Future<?> _ = worker.scheduleWithFixedDelay(
                () -> safely("succession", this::round), 0, EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /** Does what is due. */
    public void round() {
        lookAt(IdentityState.CONFIRMED, this::succeedOrFallBack);
        for (IdentityState open : IdentityState.OPEN) {
            lookAt(open, this::expireIfOverdue);
        }
    }

    private void lookAt(IdentityState state, Consumer<DeviceIdentity> work) {
        for (String id : book.inState(state)) {
            safely("identity " + id, () -> book.find(id).ifPresent(work));
        }
    }

    private static void safely(String what, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            LOG.error("{} is looked at again: {}", what, e.getMessage());
        }
    }

    private boolean isOverdue(DeviceIdentity identity) {
        Instant deadline = identity.deadline();
        return deadline != null && deadline.isBefore(book.now());
    }

    private void succeedOrFallBack(DeviceIdentity identity) {
        if (book.database()
                .read(connection ->
                        AuthEvents.hasAuthenticated(connection, identity.issue().supi()))) {
            succeed(identity, Journal.KILN, "a network has confirmed that it authenticated");
        } else if (isOverdue(identity)) {
            fallBack(identity);
        }
    }

    /**
     * Takes a person's word that the device authenticated, where its network tells no events.
     *
     * @throws IdentityException unless the device has confirmed and not authenticated yet
     */
    public DeviceIdentity authenticated(String id, String actor) {
        DeviceIdentity identity = book.find(id).orElseThrow(IdentityBook::unknown);
        if (identity.state() != IdentityState.CONFIRMED) {
            throw new IdentityException(
                    Refusal.IDENTITY_STATE, "the identity is " + identity.state() + ", not CONFIRMED");
        }
        succeed(identity, actor, "the operator has seen that it authenticated");
        return book.find(id).orElseThrow(IdentityBook::unknown);
    }

    private void succeed(DeviceIdentity identity, String actor, String why) {
        if (identity.issue().replaces() == null) {
            book.database().write(connection -> activate(connection, identity.id(), actor, why));
            return;
        }
        withdraw.accept(
                identity.issue().replacedSupi(),
                () -> book.database().write(connection -> {
                    DeviceIdentity active = activate(connection, identity.id(), actor, why);
                    return suspendReplaced(connection, active);
                }));
        LOG.info(
                "identity {}: ACTIVE; {} is suspended",
                identity.id(),
                identity.issue().replacedSupi().masked());
    }

    private DeviceIdentity activate(Connection connection, String id, String actor, String why) throws SQLException {
        DeviceIdentity now = book.require(connection, id);
        return now.state() == IdentityState.CONFIRMED
                ? book.move(connection, now, IdentityState.ACTIVE, null, actor, why)
                : now;
    }

    private DeviceIdentity suspendReplaced(Connection connection, DeviceIdentity active) throws SQLException {
        Supi old = active.issue().replacedSupi();
        if (active.state() == IdentityState.ACTIVE && book.subscribers().contains(old)) {
            book.subscribers().updateStatus(connection, List.of(old), SubscriberStatus.SUSPENDED);
        }
        var replaced = book.table().ofSubscriber(connection, old);
        if (replaced.isPresent() && replaced.get().state() == IdentityState.ACTIVE) {
            book.move(
                    connection,
                    replaced.get(),
                    IdentityState.SUPERSEDED,
                    null,
                    Journal.KILN,
                    "by identity " + active.id());
        }
        return active;
    }

    private void fallBack(DeviceIdentity identity) {
        Supi supi = identity.issue().supi();
        withdraw.accept(
                supi,
                () -> book.database().write(connection -> {
                    DeviceIdentity now = book.require(connection, identity.id());
                    if (now.state() != IdentityState.CONFIRMED || AuthEvents.hasAuthenticated(connection, supi)) {
                        return now;
                    }
                    book.subscribers().updateStatus(connection, List.of(supi), SubscriberStatus.SUSPENDED);
                    return book.move(
                            connection,
                            now,
                            IdentityState.FELL_BACK,
                            null,
                            Journal.KILN,
                            "it did not authenticate in time; the device keeps what it had");
                }));
        LOG.info("identity {}: did not authenticate in time; {} is suspended", identity.id(), supi.masked());
    }

    private void expireIfOverdue(DeviceIdentity identity) {
        if (!isOverdue(identity)) {
            return;
        }
        book.database().write(connection -> {
            DeviceIdentity now = book.require(connection, identity.id());
            return IdentityState.OPEN.contains(now.state()) && isOverdue(now)
                    ? book.giveUp(
                            connection, now, IdentityState.EXPIRED, Journal.KILN, "the device did not confirm in time")
                    : now;
        });
    }

    /**
     * Withdraws an identity: keys that no network has served are destroyed, others suspended. What it replaced stays as
     * it is.
     *
     * @throws IdentityException if there is none, or it is over already
     */
    public DeviceIdentity revoke(String id, String actor, String why) {
        DeviceIdentity identity = book.find(id).orElseThrow(IdentityBook::unknown);
        Supi supi = identity.issue().supi();
        withdraw.accept(
                supi,
                () -> book.database().write(connection -> {
                    DeviceIdentity now = book.require(connection, id);
                    if (IdentityState.OPEN.contains(now.state())) {
                        return book.giveUp(connection, now, IdentityState.REVOKED, actor, why);
                    }
                    DeviceIdentity revoked = book.move(connection, now, IdentityState.REVOKED, null, actor, why);
                    book.subscribers().updateStatus(connection, List.of(supi), SubscriberStatus.SUSPENDED);
                    return revoked;
                }));
        return book.find(id).orElseThrow(IdentityBook::unknown);
    }

    @Override
    public void close() {
        worker.shutdown();
        worker.close();
    }
}
