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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.hsm.Token;
import org.kiln.kms.hsm.TokenBusyException;
import org.kiln.kms.keys.KeyException;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.SqnCeiling;
import org.kiln.kms.sqn.SqnExhaustedException;
import org.kiln.kms.sqn.TimeBasedSequence;
import org.kiln.kms.store.StoreException;
import org.kiln.kms.subscriber.RecordRefusedException;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
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

    private final Token token;
    private final SubscriberStore store;
    private final OpcShelf shelf;
    private final ActiveSubscribers actives;
    private final SeqClock clock;
    private final SqnCeiling ceiling;
    private final ThreadLocal<VectorWorkbench> workbench;
    private final ExecutorService storeThreads;
    private final ScheduledExecutorService renewal;
    private final ScheduledFuture<?> renewing;

    /**
     * @param node this node's number, which keeps its ceiling apart from other nodes'
     * @param capacity subscribers kept in use; each costs the token a session object
     */
    public AuthenticationCentre(Token token, StorageKeys keys, SubscriberStore store, int node, int capacity) {
        this.token = token;
        this.store = store;
        shelf = new OpcShelf(capacity + capacity / 4 + 1024);
        clock = SeqClock.system(store.readCeiling(node) + 1);
        ceiling = new SqnCeiling(clock, tenths -> store.writeCeiling(node, tenths));
        actives = new ActiveSubscribers(capacity, shelf, clock, this::closeSoon);
        workbench = ThreadLocal.withInitial(
                () -> new VectorWorkbench(token.profile().aesEcb(), keys, actives));
        storeThreads = new ThreadPoolExecutor(
                STORE_THREADS,
                STORE_THREADS,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(STORE_QUEUE),
                Thread.ofPlatform().name("store-", 0).daemon().factory());
        renewal = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("sqn-ceiling").daemon().factory());
        renewing = renewal.scheduleWithFixedDelay(this::renewCeiling, 1, 1, TimeUnit.SECONDS);
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
     * @return fails with an {@link AuthenticationException} or {@link TokenBusyException}; completed on a lane's or a
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

    private void closeSoon(ActiveSubscriber idle) {
        if (!token.submit(session -> idle.closeIfIdle(session, shelf))) {
            LOG.debug("the token is busy; an idle subscriber's keys stay open for now");
        }
    }

    /** One request on its way. */
    private final class Answer {

        private final VectorRequest request;
        private final CompletableFuture<List<AuthenticationVector>> result = new CompletableFuture<>();
        private @Nullable ActiveSubscriber entered;
        private boolean reloaded;

        Answer(VectorRequest request) {
            this.request = request;
        }

        void load() {
            begin(actives.admit(
                    request.supi(),
                    supi -> store.find(supi).orElseThrow(AuthenticationException.UnknownSubscriber::new)));
        }

        void begin(ActiveSubscriber active) {
            entered = active;
            if (request.resynchronisation().isPresent()) {
                VectorRequest.Resynchronisation failure =
                        request.resynchronisation().get();
                onLane(session -> {
                    long sqnMs = workbench.get().sqnMs(session, active, failure);
                    if (sqnMs < 0) {
                        throw new AuthenticationException.Rejected();
                    }
                    onStoreThread(() -> resynchronise(active, sqnMs));
                });
            } else {
                reserve(active);
            }
        }

        private void resynchronise(ActiveSubscriber active, long sqnMs) {
            TimeBasedSequence sequence = active.sequence();
            long seqMs = sequence.format().seq(sqnMs);
            active.changeRecord(subscriber -> {
                long now = clock.now();
                if (!sequence.wouldBeRefused(seqMs, now)) {
                    return subscriber;
                }
                Subscriber changed = store.updateDif(subscriber.supi(), TimeBasedSequence.difAfter(seqMs, now));
                sequence.resynchronise(seqMs, changed.dif());
                return changed;
            });
            reserve(active);
        }

        private void reserve(ActiveSubscriber active) {
            long first = active.sequence().reserve(request.count(), clock.now(), ceiling.value());
            if (first == TimeBasedSequence.BOUND_REACHED) {
                onStoreThread(() -> raiseThenReserve(active));
            } else {
                onLane(session ->
                        succeed(workbench.get().vectors(session, active, request.kind(), first, request.count())));
            }
        }

        private void raiseThenReserve(ActiveSubscriber active) {
            active.changeRecord(subscriber -> {
                Subscriber changed =
                        store.updateDif(subscriber.supi(), active.sequence().raisedDif());
                active.sequence().raise(changed.dif());
                return changed;
            });
            reserve(active);
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

        private void onLane(Consumer<Session> work) {
            boolean accepted = token.submit(session -> {
                try {
                    work.accept(session);
                } catch (KeyException e) {
                    onStoreThread(() -> againWithFreshRecord(work, e));
                } catch (RuntimeException | Error e) {
                    fail(explained(e));
                }
            });
            if (!accepted) {
                fail(new TokenBusyException());
            }
        }

        /** A key may be gone because its version was destroyed after all records had moved to the next. */
        private void againWithFreshRecord(Consumer<Session> work, KeyException why) {
            ActiveSubscriber active = entered;
            if (active == null || reloaded || !active.reload(store)) {
                fail(explained(why));
            } else {
                reloaded = true;
                onLane(work);
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
            case Pkcs11Exception refused -> unavailable("the token", refused);
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
