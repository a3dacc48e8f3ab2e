package org.kiln.kms.auc;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.access.Principal;
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
import org.kiln.kms.seat.OwnSeat;
import org.kiln.kms.seat.Seat;
import org.kiln.kms.seat.Seats;
import org.kiln.kms.sqn.IndRange;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.SqnExhaustedException;
import org.kiln.kms.sqn.SqnSequence;
import org.kiln.kms.store.ChangeFeed;
import org.kiln.kms.store.StoreException;
import org.kiln.kms.subscriber.RecordRefusedException;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberRecord;
import org.kiln.kms.subscriber.SubscriberStatus;
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
    private static final int MOST_BEGINNINGS = 4;

    private final TokenCluster tokens;
    private final OpcShelf shelf;
    private final ActiveSubscribers actives;
    private final SqnLedger ledger;
    private final ChangeFeed changes;
    private final SeqClock clock;
    private final Seats seats;
    private final int nodes;
    private final CacheMeter cache;
    private final VectorMeter meter;
    private final SubscriberWatch watch;
    private final ThreadLocal<VectorWorkbench> workbench;
    private final ScheduledExecutorService everySecond;

    /**
     * @param node this node's number, from 0, which keeps its ceiling and its values of IND apart from other nodes'
     * @param nodes how many nodes share the store
     * @param capacity subscribers kept in use; each costs the token a session object
     */
    public AuthenticationCentre(
            TokenCluster tokens, StorageKeys keys, SubscriberStore store, int node, int nodes, int capacity) {
        this(tokens, keys, store, AucSettings.of(node, nodes, capacity));
    }

    /** A centre with the engines and the meters that the settings name, and their node number for its own. */
    public AuthenticationCentre(TokenCluster tokens, StorageKeys keys, SubscriberStore store, AucSettings settings) {
        this(tokens, keys, store, settings, clock -> new OwnSeat(store.database(), clock, settings.node()));
    }

    /** @param seating gives the centre its seats, which it closes */
    public AuthenticationCentre(
            TokenCluster tokens,
            StorageKeys keys,
            SubscriberStore store,
            AucSettings settings,
            Function<SeqClock, Seats> seating) {
        int capacity = settings.capacity();
        meter = new VectorMeter(settings.meters());
        this.tokens = tokens;
        nodes = settings.nodes();
        shelf = new OpcShelf(capacity + capacity / 4 + 1024);
        clock = SeqClock.system(0);
        seats = seating.apply(clock);
        actives = new ActiveSubscribers(capacity, shelf, clock, settings.engines(), this::closeSoon);
        ledger = new SqnLedger(store, actives);
        changes = store.changes(actives::changedElsewhere, actives::expireAll);
        cache = new CacheMeter(settings.meters());
        watch = settings.watch();
        workbench = ThreadLocal.withInitial(() -> new VectorWorkbench(tokens.profile(), keys, actives, meter));
        everySecond = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("auc-every-second").daemon().factory());
        var _ = everySecond.scheduleWithFixedDelay(this::everySecond, 1, 1, TimeUnit.SECONDS);
    }

    private void everySecond() {
        try {
            seats.keep();
            actives.hearing(changes.isLive());
            actives.closeWithdrawn();
            actives.passBySecond();
        } catch (RuntimeException e) {
            LOG.error("the centre's housekeeping failed and is tried again", e);
        }
    }

    /** Whether this node has a number now; without one it hands out no vectors. */
    public boolean isSeated() {
        return seats.current().isPresent();
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
        return answer(new Answer(request, null));
    }

    /** As {@link #authenticate(VectorRequest)}, for a caller, of whom is counted what he asks for in vain. */
    public CompletableFuture<List<AuthenticationVector>> authenticate(VectorRequest request, Principal caller) {
        return answer(new Answer(request, caller));
    }

    private CompletableFuture<List<AuthenticationVector>> answer(Answer answer) {
        VectorRequest request = answer.request;
        ActiveSubscriber active = actives.enter(request.supi());
        if (active != null) {
            cache.hit();
            if (actives.isToBeReadAhead(active)) {
                readAhead(active);
            }
            answer.begin(active);
        } else {
            cache.miss();
            answer.load();
        }
        return answer.result;
    }

    private void readAhead(ActiveSubscriber active) {
        Supi supi = active.subscriber().supi();
        long stamp = actives.stamp(supi);
        long readAt = System.nanoTime();
        var _ = ledger.read(supi).whenComplete((found, failure) -> {
            active.readingAheadEnded();
            if (failure == null) {
                renew(active, found, stamp, readAt);
            }
        });
    }

    /** What cannot be used now is told to whoever asks when the record counts no more. */
    private void renew(ActiveSubscriber active, Optional<SubscriberRecord> found, long stamp, long readAt) {
        try {
            actives.renew(active, served(active.subscriber().supi(), found), stamp, readAt);
        } catch (AuthenticationException | RecordRefusedException e) {
            LOG.debug("a record that was read ahead is not used: {}", e.getMessage());
        }
    }

    private Subscriber served(Supi supi, Optional<SubscriberRecord> found) {
        Optional<Subscriber> record = found.map(SubscriberRecord::opened);
        SubscriberStatus status = record.map(Subscriber::status).orElse(SubscriberStatus.PENDING);
        if (status != SubscriberStatus.ACTIVE) {
            actives.dismiss(supi);
        }
        return switch (status) {
            case ACTIVE -> record.orElseThrow();
            case SUSPENDED -> throw new AuthenticationException.Suspended();
            case PENDING -> throw new AuthenticationException.UnknownSubscriber();
        };
    }

    /**
     * Runs a change of a subscriber's record, or its removal, by somebody else, and has whoever is in use let go: what is
     * asked for from then on is answered from the record as it is. Blocks as long as {@code change} does, and throws what
     * it throws. Other nodes on the same database hear of it where the store announces it.
     */
    public void withdraw(Supi supi, Runnable change) {
        actives.withdraw(supi, change);
    }

    private void closeSoon(ActiveSubscriber idle) {
        idle.wipeIfAbandoned(shelf);
        boolean begun = false;
        for (Login login : idle.logins()) {
            if (tokens.submitTo(login, new Closing(idle))) {
                begun = true;
            } else {
                LOG.debug("token '{}' is busy; an idle subscriber's keys stay open for now", login.token());
            }
        }
        if (!begun) {
            actives.closingEnded(idle);
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
            } finally {
                actives.closingEnded(idle);
            }
        }

        @Override
        public void lost(RuntimeException why) {
            actives.closingEnded(idle);
            LOG.debug("an idle subscriber's keys stay open: {}", why.getMessage());
        }
    }

    /** One request on its way. */
    private final class Answer {

        private final VectorRequest request;
        private final @Nullable Principal caller;
        private final CompletableFuture<List<AuthenticationVector>> result = new CompletableFuture<>();
        private @Nullable ActiveSubscriber entered;
        private int tries;
        private int beginnings;
        private int amf;
        private VectorKind kind;

        Answer(VectorRequest request, @Nullable Principal caller) {
            this.request = request;
            this.caller = caller;
            kind = request.kind();
        }

        /** Begins with the record as it is on disk. */
        void load() {
            Seat held = seats.current().orElse(null);
            if (held == null) {
                fail(new AuthenticationException.Unavailable(
                        "this node has no number now, and no sequence numbers to give"));
                return;
            }
            Supi supi = request.supi();
            long stamp = actives.stamp(supi);
            long readAt = System.nanoTime();
            then(ledger.read(supi), found -> {
                ActiveSubscriber active = actives.admit(held, served(supi, found), stamp, readAt);
                if (active == null) {
                    beginAnew();
                } else {
                    begin(active);
                }
            });
        }

        /** The record has changed under the request's hands. */
        private void beginAnew() {
            leave();
            if (++beginnings == MOST_BEGINNINGS) {
                fail(new AuthenticationException.Unavailable("the subscriber is being provisioned; try again"));
            } else {
                load();
            }
        }

        void begin(ActiveSubscriber active) {
            entered = active;
            if (watch.requests() > 0 && beginnings == 0 && active.isAskedTooOften(clock.now(), watch)) {
                watch.alarm().accept(request.supi());
            }
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
            onLane(new AutsCheck(active, failure));
        }

        private void resynchronise(ActiveSubscriber active, long sqnMs) {
            SqnSequence sequence = active.sequence();
            long seqMs = active.format().seq(sqnMs);
            CompletableFuture<Boolean> resynchronised = active.inTurn(() -> {
                long now = clock.now();
                if (!sequence.wouldBeRefused(seqMs, now)) {
                    return CompletableFuture.completedFuture(false);
                }
                return ledger.move(active, onDisk -> sequence.durableAfter(onDisk, seqMs, now))
                        .thenApply(moved -> {
                            sequence.resynchronise(seqMs, moved.after().durable());
                            return true;
                        });
            });
            then(resynchronised, _ -> reserve(active));
        }

        private void reserve(ActiveSubscriber active) {
            Seat held = active.seat();
            if (!held.isHeld()) {
                beginAnew();
                return;
            }
            long first = active.sequence()
                    .reserve(request.count(), clock.now(), held.ceiling().value());
            if (active.isWithdrawn()) {
                beginAnew();
            } else if (first == SqnSequence.BOUND_REACHED) {
                raiseThenReserve(active, held);
            } else {
                compute(active, held, first);
            }
        }

        private void compute(ActiveSubscriber active, Seat held, long firstSeq) {
            int ind = IndRange.of(active.format(), nodes, held.node(), request.domain())
                    .at(active.nextTurn());
            onLane(new Computation(active, held, firstSeq, ind));
        }

        private void raiseThenReserve(ActiveSubscriber active, Seat held) {
            SqnSequence sequence = active.sequence();
            CompletableFuture<Long> reserved = active.inTurn(() -> {
                long first = sequence.reserve(
                        request.count(), clock.now(), held.ceiling().value());
                if (first != SqnSequence.BOUND_REACHED) {
                    return CompletableFuture.completedFuture(first);
                }
                return ledger.move(active, onDisk -> sequence.raised(onDisk, request.count(), clock.now()))
                        .thenApply(moved -> {
                            sequence.raise(
                                    moved.before().durable(), moved.after().durable());
                            return SqnSequence.BOUND_REACHED;
                        });
            });
            then(reserved, first -> {
                if (first == SqnSequence.BOUND_REACHED || active.isWithdrawn()) {
                    reserve(active);
                } else {
                    compute(active, held, first);
                }
            });
        }

        private void succeed(Seat held, List<AuthenticationVector> vectors) {
            if (!held.isHeld()) {
                fail(new AuthenticationException.Unavailable(
                        "this node has lost its number; ask again, or another node"));
                return;
            }
            leave();
            result.complete(vectors);
        }

        private <T> void then(CompletableFuture<T> work, Consumer<T> next) {
            var _ = work.whenComplete((done, failure) -> {
                try {
                    if (failure != null) {
                        failedOnDisk(failure instanceof CompletionException wrapped ? wrapped.getCause() : failure);
                    } else {
                        next.accept(done);
                    }
                } catch (RuntimeException | Error e) {
                    fail(explained(e));
                }
            });
        }

        private void failedOnDisk(@Nullable Throwable why) {
            if (why instanceof SqnLedger.RecordChangedException) {
                beginAnew();
            } else {
                fail(explained(Objects.requireNonNull(why)));
            }
        }

        private void fail(Throwable why) {
            leave();
            meter.refused(why);
            if (caller != null && why instanceof AuthenticationException.UnknownSubscriber) {
                caller.askedInVain(request.supi());
            }
            result.completeExceptionally(why);
        }

        private void leave() {
            ActiveSubscriber active = entered;
            if (active != null) {
                entered = null;
                active.leave();
            }
        }

        /** Has a lane work for the subscriber. */
        private void onLane(Try<?> work) {
            tries++;
            try {
                tokens.submit(work);
            } catch (TokenBusyException | TokenUnavailableException e) {
                fail(explained(e));
            }
        }

        private abstract class Try<T> implements LaneTask.Answering {

            final ActiveSubscriber active;
            private final AtomicBoolean settled = new AtomicBoolean();
            private @Nullable T made;

            Try(ActiveSubscriber active) {
                this.active = active;
            }

            abstract T work(LaneSession session);

            /** The work is done, and nothing of it will be done again; on the lane's thread. */
            void done() {}

            abstract void answer(T result);

            /** Begins anew after the token was lost; a sequence number is never given to a second try. */
            abstract void again();

            @Override
            public void run(LaneSession session) {
                try {
                    T result = work(session);
                    if (settled.compareAndSet(false, true)) {
                        made = result;
                        done();
                    }
                } catch (KeyException e) {
                    if (settled.compareAndSet(false, true)) {
                        againWithFreshRecord(e);
                    }
                } catch (RuntimeException | Error e) {
                    if (e instanceof Pkcs11Exception refused && refused.ckr().kind() == Ckr.Kind.SESSION) {
                        active.discardKi(session);
                    }
                    settle(e);
                }
                closeUnkept(session);
            }

            private void closeUnkept(LaneSession session) {
                try {
                    actives.served(active, session);
                } catch (Pkcs11Exception | TokenLostException e) {
                    LOG.debug("the Ki of one who was served is not destroyed: {}", e.getMessage());
                }
            }

            @Override
            public void answer() {
                T result = made;
                if (result != null) {
                    made = null;
                    answer(result);
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
                    again();
                } else {
                    fail(explained(why));
                }
            }
        }

        private final class Computation extends Try<List<AuthenticationVector>> {

            private final Seat held;
            private final long firstSeq;
            private final int ind;

            Computation(ActiveSubscriber active, Seat held, long firstSeq, int ind) {
                super(active);
                this.held = held;
                this.firstSeq = firstSeq;
                this.ind = ind;
            }

            @Override
            List<AuthenticationVector> work(LaneSession session) {
                return workbench.get().vectors(session, active, kind, amf, firstSeq, ind, request.count());
            }

            @Override
            void done() {
                leave();
            }

            @Override
            void answer(List<AuthenticationVector> vectors) {
                succeed(held, vectors);
            }

            @Override
            void again() {
                reserve(active);
            }
        }

        private final class AutsCheck extends Try<Long> {

            private final VectorRequest.Resynchronisation failure;

            AutsCheck(ActiveSubscriber active, VectorRequest.Resynchronisation failure) {
                super(active);
                this.failure = failure;
            }

            @Override
            Long work(LaneSession session) {
                return workbench.get().sqnMs(session, active, failure);
            }

            @Override
            void answer(Long sqnMs) {
                if (sqnMs < 0) {
                    fail(new AuthenticationException.Rejected());
                } else if (!active.admitResync(clock.now())) {
                    fail(new AuthenticationException.TooManyResynchronisations());
                } else {
                    resynchronise(active, sqnMs);
                }
            }

            @Override
            void again() {
                checkAuts(active, failure);
            }
        }

        /** A key may be gone because its version was destroyed after all records had moved to the next. */
        private void againWithFreshRecord(KeyException why) {
            if (beginnings > 0) {
                fail(explained(why));
            } else {
                beginAnew();
            }
        }
    }

    private static Throwable explained(Throwable e) {
        return switch (e) {
            case RejectedExecutionException _ -> new TokenBusyException();
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
        everySecond.shutdownNow();
        everySecond.close();
        changes.close();
        ledger.close();
        seats.close();
    }
}
