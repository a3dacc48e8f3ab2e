package org.kiln.kms.provisioning;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.hsm.TokenBusyException;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.hsm.TokenLostException;
import org.kiln.kms.hsm.TokenUnavailableException;
import org.kiln.kms.keys.KeyException;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.SqnState;
import org.kiln.kms.store.StoreException;
import org.kiln.kms.store.StoreThreads;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.RecordRefusedException;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.kms.trace.RequestScope;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.token.TokenException;
import org.kiln.transfer.numbering.Supi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Subscribers one at a time, on a node that serves: his keys go the way that a load file's go. Never blocks its caller.
 *
 * <p>Whatever is returned fails with a {@link ProvisioningException} or {@link TokenBusyException}, and is completed on a
 * thread that must not be kept.
 */
public final class SubscriberProvisioning implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SubscriberProvisioning.class);
    private static final int THREADS = 2;
    private static final int QUEUE = 256;

    private final TokenCluster tokens;
    private final KeyRing ring;
    private final StorageKeys storageKeys;
    private final TransportKeyRegister register;
    private final SubscriberStore store;
    private final AlgorithmCatalogue catalogue;
    private final BiConsumer<Supi, Runnable> withdraw;
    private final StoreThreads threads = new StoreThreads("provisioning", THREADS, QUEUE);

    /**
     * @param catalogue the algorithms that may be named
     * @param withdraw runs a change of a subscriber's record so that nobody serves him from the record as it was
     */
    public SubscriberProvisioning(
            TokenCluster tokens,
            KeyRing ring,
            StorageKeys storageKeys,
            TransportKeyRegister register,
            SubscriberStore store,
            AlgorithmCatalogue catalogue,
            BiConsumer<Supi, Runnable> withdraw) {
        this.tokens = tokens;
        this.ring = ring;
        this.storageKeys = storageKeys;
        this.register = register;
        this.store = store;
        this.catalogue = catalogue;
        this.withdraw = withdraw;
    }

    /** What is stored of a subscriber, without his keys. */
    public CompletableFuture<AuthenticationSubscription> find(Supi supi) {
        return start(() -> view(store.find(supi).orElseThrow(ProvisioningException.UnknownSubscriber::new)));
    }

    private AuthenticationSubscription view(Subscriber subscriber) {
        return AuthenticationSubscription.of(subscriber, catalogue);
    }

    /**
     * What a subscriber became.
     *
     * @param isNew whether there was none of this SUPI
     */
    public record Stored(boolean isNew, AuthenticationSubscription subscription) {}

    /**
     * Stores a subscriber, in the place of the one who has his SUPI. If that one has the same Ki, his sequence numbers
     * are not set back.
     *
     * @param actor who has it done, for the audit log
     */
    public CompletableFuture<Stored> put(ArrivingSubscription arriving, String actor) {
        return start(() -> {
            LoadRow row = row(arriving);
            SqnState stated = arriving.sqn(SeqClock.systemTenths());
            KeyIntake intake = new KeyIntake(ring, storageKeys, register, tokens.profile(), catalogue.engines());
            Subscriber taken =
                    tokens.callOnFirst(session -> intake.take(session, row)).withSqn(stated);
            AtomicBoolean isNew = new AtomicBoolean();
            withdraw.accept(
                    taken.supi(),
                    () -> isNew.set(store.put(
                            taken.supi(),
                            before -> goingOn(before, taken),
                            (connection, fresh) -> audit(
                                    connection,
                                    actor,
                                    fresh ? "SUBSCRIBER_PROVISIONED" : "SUBSCRIBER_PROVISIONED_ANEW",
                                    taken.supi(),
                                    "under transport key " + row.transportKey()))));
            LOG.info(
                    "subscriber {} was {} under transport key '{}'",
                    taken.supi().masked(),
                    isNew.get() ? "provisioned" : "provisioned anew",
                    row.transportKey());
            return new Stored(isNew.get(), view(taken));
        });
    }

    private void audit(Connection connection, String actor, String act, Supi supi, String detail) throws SQLException {
        AuditLog.add(connection, Instant.now(), actor, act, "subscriber/" + store.pseudonym(supi), detail);
    }

    private LoadRow row(ArrivingSubscription arriving) {
        try {
            return arriving.row(catalogue);
        } catch (LoadFileException e) {
            if (arriving.column(e.column()).isEmpty()) {
                throw new ProvisioningException.Missing(e.column());
            }
            throw e;
        }
    }

    private static Subscriber goingOn(Optional<Subscriber> before, Subscriber taken) {
        return before.filter(one -> mayHaveTheKiOf(one, taken))
                .map(one -> taken.withSqn(taken.sqn().notBehind(one.sqn(), SeqClock.systemTenths())))
                .orElse(taken);
    }

    /** AES-KWP makes the same of the same; under different versions of the storage key nothing can be told. */
    private static boolean mayHaveTheKiOf(Subscriber one, Subscriber other) {
        return !one.ki().keyLabel().equals(other.ki().keyLabel())
                || Arrays.equals(one.ki().blob(), other.ki().blob());
    }

    /**
     * Changes method, AMF and sequence number of a subscriber.
     *
     * @param actor who has it done, for the audit log
     * @param change answers {@link AuthenticationSubscription#with}; what it throws, the result fails with
     */
    public CompletableFuture<AuthenticationSubscription> change(
            Supi supi, String actor, UnaryOperator<AuthenticationSubscription> change) {
        return start(() -> {
            withdraw.accept(
                    supi,
                    () -> store.put(
                            supi,
                            before -> changed(before.orElseThrow(ProvisioningException.UnknownSubscriber::new), change),
                            (connection, fresh) -> audit(connection, actor, "SUBSCRIBER_CHANGED", supi, "")));
            LOG.info("subscriber {} was changed", supi.masked());
            return view(store.find(supi).orElseThrow(ProvisioningException.UnknownSubscriber::new));
        });
    }

    private Subscriber changed(Subscriber before, UnaryOperator<AuthenticationSubscription> change) {
        AuthenticationSubscription told = view(before);
        AuthenticationSubscription asked = change.apply(told);
        Subscriber after = before.withAmf(LoadRow.amf(column -> column.equals(LoadRow.AMF) ? asked.amf() : "", 0))
                .withMethod(LoadRow.method(column -> column.equals(LoadRow.AUTH_METHOD) ? asked.method() : "", 0));
        if (asked.sequence().equals(told.sequence())) {
            return after.withSqn(before.sqn().anew());
        }
        long now = SeqClock.systemTenths();
        SqnState sqn = asked.sequence().state(now);
        if (!sqn.goesOnFrom(before.sqn(), now)) {
            throw new ProvisioningException.NotAllowed(
                    "sequence numbers are not set back under the same Ki; give one beyond those in use");
        }
        return after.withSqn(sqn);
    }

    /**
     * Removes a subscriber.
     *
     * @param actor who has it done, for the audit log
     */
    public CompletableFuture<Supi> delete(Supi supi, String actor) {
        return start(() -> {
            withdraw.accept(supi, () -> {
                if (!store.delete(
                        supi, (connection, fresh) -> audit(connection, actor, "SUBSCRIBER_REMOVED", supi, ""))) {
                    throw new ProvisioningException.UnknownSubscriber();
                }
            });
            LOG.info("subscriber {} was removed", supi.masked());
            return supi;
        });
    }

    private <T> CompletableFuture<T> start(Supplier<T> work) {
        return threads.start(RequestScope.carry(work), RequestScope.carry(SubscriberProvisioning::explained));
    }

    private static Throwable explained(Throwable e) {
        return switch (e) {
            case LoadFileException refused -> new ProvisioningException.Refused(refused.column(), refused.rule());
            case RejectedExecutionException _ -> new TokenBusyException();
            case RecordRefusedException refused -> damaged(refused);
            case KeyException refused -> damaged(refused);
            case TransportKeyException refused -> damaged(refused);
            case TokenException refused -> unavailable("the token", refused);
            case Pkcs11Exception refused -> unavailable("the token", refused);
            case TokenLostException lost -> unavailable("the token", lost);
            case TokenUnavailableException none -> unavailable("the token", none);
            case StoreException refused -> unavailable("the store", refused);
            default -> e;
        };
    }

    private static ProvisioningException damaged(RuntimeException e) {
        LOG.error("a subscriber cannot be provisioned: {}", e.getMessage());
        return new ProvisioningException.Damaged();
    }

    private static ProvisioningException unavailable(String what, RuntimeException e) {
        LOG.error("{} refused: {}", what, e.getMessage());
        return new ProvisioningException.Unavailable(what + " cannot serve now; see the log");
    }

    /** Finishes what has begun. */
    @Override
    public void close() {
        threads.close();
    }
}
