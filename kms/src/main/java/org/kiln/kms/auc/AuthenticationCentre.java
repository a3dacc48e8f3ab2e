package org.kiln.kms.auc;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.hsm.LaneTask;
import org.kiln.kms.hsm.Login;
import org.kiln.kms.hsm.TokenBusyException;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.hsm.TokenLostException;
import org.kiln.kms.hsm.TokenUnavailableException;
import org.kiln.kms.keys.KeyException;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.sqn.IndRange;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.SqnCeiling;
import org.kiln.kms.sqn.SqnExhaustedException;
import org.kiln.kms.sqn.SqnSequence;
import org.kiln.kms.store.StoreException;
import org.kiln.kms.subscriber.RecordRefusedException;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.token.TokenException;
import org.kiln.transfer.numbering.Supi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests for authentication vectors. Never blocks its caller: what needs the disk runs on its own threads,
 * what needs the token on a lane.
 */
public final class AuthenticationCentre implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AuthenticationCentre.class);
    private static final int STORE_THREADS = 4;
    private static final int STORE_QUEUE = 4096;

    private final TokenCluster tokens;
    private final SubscriberStore store;
    private final OpcShelf shelf;
    private final ActiveSubscribers actives;
    private final SeqClock clock;
    private final SqnCeiling ceiling;
    private final int node;
    private final int nodes;
    private final ThreadLocal<VectorWorkbench> workbench;
    private final ExecutorService storeThreads;
    private final ScheduledExecutorService renewal;
    private final ScheduledFuture<?> renewing;

    /**
     * @param node this node's number, from 0, which keeps its ceiling and its values of IND apart from other nodes'
     * @param nodes how many nodes share the store
     * @param capacity subscribers kept in use; each costs the token a session object
     */
    public AuthenticationCentre(
            TokenCluster tokens, StorageKeys keys, SubscriberStore store, int node, int nodes, int capacity) {
        this(tokens, keys, store, AucSettings.of(node, nodes, capacity));
    }

    /** A centre with the engines and the meters that the settings name. */
    public AuthenticationCentre(TokenCluster tokens, StorageKeys keys, SubscriberStore store, AucSettings settings) {
        int capacity = settings.capacity();
        VectorMeter meter = new VectorMeter(settings.meters());
        this.tokens = tokens;
        this.store = store;
        node = settings.node();
        nodes = settings.nodes();
        shelf = new OpcShelf(capacity + capacity / 4 + 1024);
        clock = SeqClock.system(store.readCeiling(node) + 1);
        ceiling = new SqnCeiling(clock, tenths -> store.writeCeiling(node, tenths));
        actives = new ActiveSubscribers(capacity, shelf, clock, settings.engines(), this::closeSoon);
        workbench = ThreadLocal.withInitial(() -> new VectorWorkbench(tokens.profile(), keys, actives, meter));
        storeThreads = new ThreadPoolExecutor(
                STORE_THREADS,
                STORE_THREADS,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(STORE_QUEUE),
                Thread.ofPlatform().name("store-", 0).daemon().factory());
        renewal = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("sqn-ceiling").daemon().factory());
        renewing = renewal.scheduleWithFixedDelay(this::everySecond, 1, 1, TimeUnit.SECONDS);
    }

    private void everySecond() {
        renewCeiling();
        actives.closeWithdrawn();
    }

    private void renewCeiling() {
        try {
            if (ceiling.value() - clock.now() < SqnCeiling.LEAD_TENTHS - SqnCeiling.RENEWAL_TENTHS) {
                ceiling.renew();
            }
        } catch (StoreException e) {
            LOG.error("the sequence-number ceiling cannot be written: {}", e.getMessage());
        }
    }

    /** Subscribers whose keys are in use now. */
    public int activeSubscribers() {
        return shelf.taken();
    }

    /**
     * Computes the vectors asked for.
     *
     * @return fails with an {@link AuthenticationException}, an {@link AkaException} or {@link TokenBusyException}; completed on a lane's or a
     *     store thread, which must not be kept
     */
    public CompletableFuture<List<AuthenticationVector>> authenticate(VectorRequest request) {
        Answer answer = new Answer(request);
        ActiveSubscriber active = actives.enter(request.supi());
        if (active != null) {
            answer.begin(active);
        } else {
            answer.onStoreThread(answer::load);
        }
        return answer.result;
    }

    /**
     * Runs a change of a subscriber's record, or its removal, by somebody else, and has whoever is in use let go: what is
     * asked for from then on is answered from the record as it is. Blocks as long as {@code change} does, and throws what
     * it throws. Other nodes on the same database are not told.
     */
    public void withdraw(Supi supi, Runnable change) {
        actives.withdraw(supi, change);
    }

    private void closeSoon(ActiveSubscriber idle) {
        idle.wipeIfAbandoned(shelf);
        for (Login login : idle.logins()) {
            if (!tokens.submitTo(login, new Closing(idle))) {
                LOG.debug("token '{}' is busy; an idle subscriber's keys stay open for now", login.token());
            }
        }
    }

    /** Takes an idle subscriber's keys out of use on one token. */
    private final class Closing implements LaneTask {

        private final ActiveSubscriber idle;

        Closing(ActiveSubscriber idle) {
            this.idle = idle;
        }

        @Override
        public void run(LaneSession session) {
            try {
                idle.closeIfIdle(session, shelf);
            } catch (Pkcs11Exception | TokenLostException e) {
                LOG.debug("an idle subscriber's Ki is not destroyed: {}", e.getMessage());
            }
        }

        @Override
        public void lost(RuntimeException why) {
            LOG.debug("an idle subscriber's keys stay open: {}", why.getMessage());
        }
    }

    /** One request on its way. */
    private final class Answer {

        private final VectorRequest request;
        private final CompletableFuture<List<AuthenticationVector>> result = new CompletableFuture<>();
        private @Nullable ActiveSubscriber entered;
        private int tries;
        private boolean reloaded;
        private int amf;
        private VectorKind kind;

        Answer(VectorRequest request) {
            this.request = request;
            kind = request.kind();
        }

        void load() {
            begin(actives.admit(
                    request.supi(),
                    supi -> served(store.find(supi).orElseThrow(AuthenticationException.UnknownSubscriber::new))));
        }

        private Subscriber served(Subscriber found) {
            return switch (found.status()) {
                case ACTIVE -> found;
                case SUSPENDED -> throw new AuthenticationException.Suspended();
                case PENDING -> throw new AuthenticationException.UnknownSubscriber();
            };
        }

        void begin(ActiveSubscriber active) {
            entered = active;
            try {
                Subscriber subscriber = active.subscriber();
                kind = request.kindFor(subscriber.method());
                amf = request.requireServedBy(kind, subscriber.algorithm(), subscriber.amf());
            } catch (AkaException e) {
                fail(e);
                return;
            }
            if (request.resynchronisation().isPresent()) {
                VectorRequest.Resynchronisation failure =
                        request.resynchronisation().get();
                checkAuts(active, failure);
            } else {
                reserve(active);
            }
        }

        private void checkAuts(ActiveSubscriber active, VectorRequest.Resynchronisation failure) {
            onLane(
                    active,
                    session -> workbench.get().sqnMs(session, active, failure),
                    sqnMs -> {
                        if (sqnMs < 0) {
                            fail(new AuthenticationException.Rejected());
                        } else if (!active.admitResync(clock.now())) {
                            fail(new AuthenticationException.TooManyResynchronisations());
                        } else {
                            onStoreThread(() -> resynchronise(active, sqnMs));
                        }
                    },
                    () -> checkAuts(active, failure));
        }

        private void resynchronise(ActiveSubscriber active, long sqnMs) {
            SqnSequence sequence = active.sequence();
            long seqMs = active.format().seq(sqnMs);
            active.changeRecord(subscriber -> {
                long now = clock.now();
                if (!sequence.wouldBeRefused(seqMs, now)) {
                    return subscriber;
                }
                Subscriber changed = store.updateSqn(
                        subscriber.supi(),
                        onDisk -> onDisk.withDurable(sequence.durableAfter(onDisk.durable(), seqMs, now)));
                sequence.resynchronise(seqMs, changed.sqn().durable());
                return changed;
            });
            reserve(active);
        }

        private void reserve(ActiveSubscriber active) {
            long first = active.sequence().reserve(request.count(), clock.now(), ceiling.value());
            if (first == SqnSequence.BOUND_REACHED) {
                onStoreThread(() -> raiseThenReserve(active));
            } else {
                compute(active, first);
            }
        }

        private void compute(ActiveSubscriber active, long firstSeq) {
            int ind =
                    IndRange.of(active.format(), nodes, node, request.domain()).at(active.nextTurn());
            onLane(
                    active,
                    session -> workbench.get().vectors(session, active, kind, amf, firstSeq, ind, request.count()),
                    this::succeed,
                    () -> reserve(active));
        }

        private void raiseThenReserve(ActiveSubscriber active) {
            SqnSequence sequence = active.sequence();
            long[] first = {SqnSequence.BOUND_REACHED};
            active.changeRecord(subscriber -> {
                first[0] = sequence.reserve(request.count(), clock.now(), ceiling.value());
                return first[0] == SqnSequence.BOUND_REACHED ? raised(subscriber, sequence) : subscriber;
            });
            if (first[0] == SqnSequence.BOUND_REACHED) {
                reserve(active);
            } else {
                compute(active, first[0]);
            }
        }

        private Subscriber raised(Subscriber subscriber, SqnSequence sequence) {
            long[] before = new long[1];
            Subscriber changed = store.updateSqn(subscriber.supi(), onDisk -> {
                before[0] = onDisk.durable();
                return onDisk.withDurable(sequence.raised(before[0], request.count(), clock.now()));
            });
            sequence.raise(before[0], changed.sqn().durable());
            return changed;
        }

        private void succeed(List<AuthenticationVector> vectors) {
            leave();
            result.complete(vectors);
        }

        private void fail(Throwable why) {
            leave();
            result.completeExceptionally(why);
        }

        private void leave() {
            ActiveSubscriber active = entered;
            if (active != null) {
                entered = null;
                active.leave();
            }
        }

        /**
         * Has a lane work for the subscriber.
         *
         * @param then what follows, on the lane's thread
         * @param again begins anew after the token was lost; a sequence number is never given to a second try
         */
        private <T> void onLane(
                ActiveSubscriber active, Function<LaneSession, T> work, Consumer<T> then, Runnable again) {
            tries++;
            try {
                tokens.submit(new Try<>(active, work, then, again));
            } catch (TokenBusyException | TokenUnavailableException e) {
                fail(explained(e));
            }
        }

        private final class Try<T> implements LaneTask {

            private final ActiveSubscriber active;
            private final Function<LaneSession, T> work;
            private final Consumer<T> then;
            private final Runnable again;
            private final AtomicBoolean settled = new AtomicBoolean();
            private final Subscriber used;

            Try(ActiveSubscriber active, Function<LaneSession, T> work, Consumer<T> then, Runnable again) {
                this.active = active;
                used = active.subscriber();
                this.work = work;
                this.then = then;
                this.again = again;
            }

            @Override
            public void run(LaneSession session) {
                T made;
                try {
                    made = work.apply(session);
                } catch (KeyException e) {
                    if (settled.compareAndSet(false, true)) {
                        onStoreThread(() -> againWithFreshRecord(used, again, e));
                    }
                    return;
                } catch (RuntimeException | Error e) {
                    if (e instanceof Pkcs11Exception refused && refused.ckr().kind() == Ckr.Kind.SESSION) {
                        active.discardKi(session);
                    }
                    settle(e);
                    return;
                }
                if (settled.compareAndSet(false, true)) {
                    then.accept(made);
                }
            }

            @Override
            public void lost(RuntimeException why) {
                settle(why);
            }

            private void settle(Throwable why) {
                if (!settled.compareAndSet(false, true)) {
                    return;
                }
                if (tries < TokenCluster.MOST_TRIES && TokenCluster.worthAnotherTry(why)) {
                    again.run();
                } else {
                    fail(explained(why));
                }
            }
        }

        /** A key may be gone because its version was destroyed after all records had moved to the next. */
        private void againWithFreshRecord(Subscriber used, Runnable again, KeyException why) {
            ActiveSubscriber active = entered;
            if (active == null || reloaded || !active.reload(store, used)) {
                fail(explained(why));
            } else {
                reloaded = true;
                again.run();
            }
        }

        void onStoreThread(Runnable work) {
            try {
                storeThreads.execute(() -> {
                    try {
                        work.run();
                    } catch (RuntimeException | Error e) {
                        fail(explained(e));
                    }
                });
            } catch (RejectedExecutionException e) {
                fail(new TokenBusyException());
            }
        }
    }

    private static Throwable explained(Throwable e) {
        return switch (e) {
            case RecordRefusedException refused -> damaged(refused);
            case KeyException refused -> damaged(refused);
            case SqnExhaustedException exhausted -> damaged(exhausted);
            case TokenException refused -> unavailable("the token", refused);
            case Pkcs11Exception refused -> unavailable("the token", refused);
            case TokenLostException lost -> unavailable("the token", lost);
            case TokenUnavailableException none -> unavailable("the token", none);
            case StoreException refused -> unavailable("the store", refused);
            default -> e;
        };
    }

    private static AuthenticationException damaged(RuntimeException e) {
        LOG.error("a subscriber cannot be served: {}", e.getMessage());
        return new AuthenticationException.RecordDamaged("the subscriber's record cannot be used; see the log");
    }

    private static AuthenticationException unavailable(String what, RuntimeException e) {
        LOG.error("{} refused: {}", what, e.getMessage());
        return new AuthenticationException.Unavailable(what + " cannot serve now; see the log");
    }

    /** Finishes what has begun. The token and the store stay the caller's to close. */
    @Override
    public void close() {
        renewing.cancel(false);
        renewal.close();
        storeThreads.close();
    }
}
