package org.kiln.kms.auc;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.hsm.Login;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.seat.Seat;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.SqnSequence;
import org.kiln.kms.subscriber.Engine;
import org.kiln.kms.subscriber.Subscriber;

/**
 * A subscriber in use: his sequence; and, while they are open, his Ki as a session object in one or more tokens and his
 * OPc off the heap.
 *
 * <p>Whoever works with it {@linkplain #enter enters} first and {@linkplain #leave leaves} last; keys are closed, and
 * the whole forgotten, only while nobody is inside.
 */
final class ActiveSubscriber {

    private final Seat seat;
    private final Engine engine;
    private final Sqn format;
    private final SqnSequence sequence;
    private final AtomicInteger turn = new AtomicInteger();
    private final ResyncLimit resyncs;
    private final AskedCount asked;
    private final ClockHand.Place place = new ClockHand.Place();
    private final Object moving = new Object();
    private CompletableFuture<?> lastMove = CompletableFuture.completedFuture(null);
    private volatile Subscriber subscriber;
    private volatile long readAt;
    private final AtomicBoolean readingAhead = new AtomicBoolean();
    private volatile boolean withdrawn;
    private boolean recentlyUsed = true;
    private boolean closing;
    private int users;
    private boolean forgotten;
    private long wantedAt = Returns.NEVER;
    private volatile boolean returning;
    private volatile boolean kept;
    private volatile List<KiInUse> kis = List.of();
    private volatile @Nullable MemorySegment opc;

    /**
     * @param seat that the node had before the record was read: what the sequence has reserved on disk was not another node's
     * @param readAt when the reading of the record began, by {@link System#nanoTime}
     */
    ActiveSubscriber(Seat seat, Subscriber subscriber, Engine engine, long readAt) {
        this(seat, subscriber, engine, readAt, new ResyncLimit(), new AskedCount());
    }

    private ActiveSubscriber(
            Seat seat, Subscriber subscriber, Engine engine, long readAt, ResyncLimit resyncs, AskedCount asked) {
        this.seat = seat;
        this.subscriber = subscriber;
        this.engine = engine;
        this.readAt = readAt;
        this.resyncs = resyncs;
        this.asked = asked;
        format = new Sqn(subscriber.sqn().indLength());
        sequence = subscriber.sqn().scheme().resume(subscriber.sqn().durable());
    }

    /** The same subscriber by another record or on another seat; this object must have been withdrawn. */
    ActiveSubscriber successor(Seat itsSeat, Subscriber changed, Engine itsEngine, long read) {
        ActiveSubscriber next = new ActiveSubscriber(itsSeat, changed, itsEngine, read, resyncs, asked);
        next.sequence.follow(sequence);
        return next;
    }

    Subscriber subscriber() {
        return subscriber;
    }

    /** The seat whose values of IND the sequence may be given with. */
    Seat seat() {
        return seat;
    }

    Engine engine() {
        return engine;
    }

    SqnSequence sequence() {
        return sequence;
    }

    Sqn format() {
        return format;
    }

    /** Counts requests; each has an IND of its own. */
    int nextTurn() {
        return turn.getAndIncrement();
    }

    /** Whether the subscriber may be resynchronised once more now. */
    boolean admitResync(long clock) {
        return resyncs.admit(clock);
    }

    /** Counts a request; whether it is the first of its window that is too many. */
    boolean isAskedTooOften(long clock, SubscriberWatch watch) {
        return asked.isOneTooMany(clock, watch);
    }

    /** False if it has been forgotten meanwhile. */
    synchronized boolean enter() {
        if (forgotten) {
            return false;
        }
        users++;
        recentlyUsed = true;
        return true;
    }

    /** A request wants his keys. */
    synchronized void wantKeys(Returns returns) {
        boolean before = returning;
        returning = returns.isSoon(wantedAt);
        returns.count(returning, before);
        wantedAt = returns.now();
    }

    /** Whether his keys were wanted again soon, as {@link Returns} has it. */
    boolean isReturning() {
        return returning;
    }

    /** His keys stay open when he has been served. */
    void keep() {
        kept = true;
    }

    boolean isKept() {
        return kept;
    }

    synchronized void leave() {
        users--;
    }

    /** Has one move of the number on disk begin when the one before it has ended. */
    <T> CompletableFuture<T> inTurn(Supplier<CompletableFuture<T>> move) {
        synchronized (moving) {
            CompletableFuture<T> mine = lastMove.handle((_, _) -> true).thenCompose(_ -> move.get());
            lastMove = mine;
            return mine;
        }
    }

    /** Takes over the record that is on disk now, which is the same but for its number. */
    void adopt(Subscriber onDisk) {
        subscriber = onDisk;
    }

    /** Whether the record was read, or found unchanged, after {@code instant}. */
    boolean isReadSince(long instant) {
        return readAt - instant > 0;
    }

    /** The record was found unchanged. */
    void foundUnchanged(long read) {
        readAt = read;
    }

    /** Begins to read the record again while it counts still; false if that is under way. */
    boolean beginReadingAhead() {
        return readingAhead.compareAndSet(false, true);
    }

    void readingAheadEnded() {
        readingAhead.set(false);
    }

    /** Nobody enters any more: the record is another now. Who is inside keeps nothing that he takes from it after this. */
    void withdraw() {
        withdrawn = true;
        synchronized (this) {
            forgotten = true;
        }
    }

    boolean isWithdrawn() {
        return withdrawn;
    }

    /** Whether nobody is inside and no key is open. */
    synchronized boolean isClosed() {
        return users == 0 && opc == null && living().isEmpty();
    }

    /** What the hand of {@link ActiveSubscribers} decides about it. */
    enum Fate {
        STAYS,
        TO_BE_CLOSED,
        FORGOTTEN
    }

    /** Decides; what was asked for since the last time stays, and what may be forgotten is, from now on. */
    synchronized Fate passBy(long clock, Returns returns) {
        boolean wasUsed = recentlyUsed;
        recentlyUsed = false;
        if (users > 0 || (wasUsed && !withdrawn)) {
            return Fate.STAYS;
        }
        if (closing) {
            return Fate.STAYS;
        }
        if (opc != null) {
            closing = true;
            return Fate.TO_BE_CLOSED;
        }
        if (!sequence.mayBeForgotten(clock) || returns.isSoon(wantedAt)) {
            return Fate.STAYS;
        }
        forgotten = true;
        return Fate.FORGOTTEN;
    }

    /**
     * The closing of its keys has been done, or will not be.
     *
     * @return whether one was under way
     */
    synchronized boolean closingEnded() {
        boolean was = closing;
        closing = false;
        return was;
    }

    /** Where the {@link ClockHand} has it, which alone looks at it. */
    ClockHand.Place place() {
        return place;
    }

    /** Whether any of its keys is open. */
    boolean hasKeys() {
        return opc != null;
    }

    /**
     * Ki as a session object of one token.
     *
     * @param owner the session that made it; the handle means this Ki while that one is open
     */
    record KiInUse(LaneSession owner, long handle) {

        boolean isFor(LaneSession session) {
            return owner.isOpen() && owner.login().equals(session.login());
        }
    }

    /** The logins under which a Ki is in use. */
    List<Login> logins() {
        return kis.stream()
                .filter(ki -> ki.owner().isOpen())
                .map(ki -> ki.owner().login())
                .toList();
    }

    /** 16 octets of OPc or 32 of TOPc; valid after {@link #open} or {@link #openOpc}, until its caller leaves. */
    MemorySegment opc() {
        return Objects.requireNonNull(opc);
    }

    /**
     * Brings OPc into use, and Ki on the session's token, unless they are. On a lane's thread, by one who has entered.
     * No lock is held while the token works, so that a call which does not return stops nobody else.
     *
     * @param scratch 32 octets of the lane's own, wiped
     */
    KiInUse open(LaneSession session, StorageKeys keys, OpcShelf shelf, MemorySegment scratch) {
        openOpc(session, keys, shelf, scratch);
        KiInUse ready = kiFor(session);
        if (ready != null) {
            return ready;
        }
        KiInUse made = new KiInUse(session, keys.bringIntoUse(session, subscriber.ki()));
        KiInUse kept = keep(made);
        if (!kept.equals(made)) {
            session.destroyObject(made.handle());
        }
        return kept;
    }

    /**
     * Brings OPc or TOPc into use unless it is, and no Ki: for engines that need it otherwise. Likewise.
     *
     * @return whether it was not in use
     */
    boolean openOpc(LaneSession session, StorageKeys keys, OpcShelf shelf, MemorySegment scratch) {
        if (opc != null) {
            return false;
        }
        try {
            keys.readOpc(session, subscriber.opc(), scratch);
            place(session, scratch, shelf);
        } finally {
            scratch.fill((byte) 0);
        }
        return true;
    }

    /** The Ki that this session may use, or null. */
    @Nullable
    KiInUse kiFor(LaneSession session) {
        List<KiInUse> all = kis;
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).isFor(session)) {
                return all.get(i);
            }
        }
        return null;
    }

    private synchronized void place(LaneSession session, MemorySegment value, OpcShelf shelf) {
        session.requireOpen();
        if (opc != null) {
            return;
        }
        MemorySegment place = shelf.take();
        if (place == null) {
            throw new AuthenticationException.Unavailable(
                    "more subscribers are in use than auc.activeSubscribers allows");
        }
        place.copyFrom(value);
        opc = place;
    }

    private synchronized KiInUse keep(KiInUse made) {
        made.owner().requireOpen();
        KiInUse other = kiFor(made.owner());
        if (other != null) {
            return other;
        }
        List<KiInUse> living = living();
        living.add(made);
        kis = List.copyOf(living);
        return made;
    }

    private List<KiInUse> living() {
        return kis.stream().filter(ki -> ki.owner().isOpen()).collect(Collectors.toCollection(ArrayList::new));
    }

    /** Forgets the Ki that this session used, since the token no longer knows it. */
    synchronized void discardKi(LaneSession session) {
        kis = kis.stream().filter(ki -> !ki.isFor(session)).toList();
    }

    /** Destroys the Ki on the session's token unless somebody is inside; wipes OPc with the last. On a lane's thread. */
    void closeIfIdle(LaneSession session, OpcShelf shelf) {
        KiInUse ki = takeIfIdle(session, shelf);
        if (ki != null) {
            session.destroyObject(ki.handle());
        }
    }

    private synchronized @Nullable KiInUse takeIfIdle(LaneSession session, OpcShelf shelf) {
        if (users > 0) {
            return null;
        }
        KiInUse taken = kiFor(session);
        List<KiInUse> left = living();
        left.remove(taken);
        kis = List.copyOf(left);
        wipeOpcAfterLastKi(shelf);
        return taken;
    }

    /** Wipes OPc if no token holds Ki any more and nobody is inside. */
    synchronized void wipeIfAbandoned(OpcShelf shelf) {
        if (users == 0) {
            kis = List.copyOf(living());
            wipeOpcAfterLastKi(shelf);
        }
    }

    private void wipeOpcAfterLastKi(OpcShelf shelf) {
        MemorySegment place = opc;
        if (kis.isEmpty() && place != null) {
            opc = null;
            kept = false;
            shelf.giveBack(place);
        }
    }
}
