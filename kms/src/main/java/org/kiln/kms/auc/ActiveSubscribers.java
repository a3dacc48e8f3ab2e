package org.kiln.kms.auc;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.seat.Seat;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.SqnSequence;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.transfer.numbering.Supi;

/**
 * The subscribers in use. When more keys are open than the bound allows, a hand goes round and has those closed that
 * were not asked for since it last passed; it also goes round by the clock, so that no key stays open for long unused. A
 * subscriber is forgotten once his sequence lies behind the clock too.
 *
 * <p>A record in use counts for as long as it would be heard of a change of it by another process; then it is read again. Whoever is
 * asked for often is read again before, at a time of his own, so that no request waits for it and not all are read at once.
 */
final class ActiveSubscribers {

    private static final int STAMPS = 1024;

    /** Fibonacci hashing: spreads numbers that follow each other. */
    private static final int GOLDEN = 0x9e3779b9;

    private static final int SPREAD_BITS = 10;
    private static final int SPREAD_SHIFT = Integer.SIZE - SPREAD_BITS;

    /** How long a record is used without a look at the database while its changes are heard of. */
    private static final long HEARD_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** And while they are not. */
    private static final long UNHEARD_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** In how many seconds the hand goes round by the clock. */
    private static final int ROUND_SECONDS = 600;

    private final Map<Supi, ActiveSubscriber> bySupi = new ConcurrentHashMap<>();
    private final Queue<ActiveSubscriber> withdrawn = new ConcurrentLinkedQueue<>();
    private final AtomicLongArray stamps = new AtomicLongArray(STAMPS);
    private final LeftNumbers left;
    private final int capacity;
    private final OpcShelf shelf;
    private final EngineChoice engines;
    private final ClockHand hand;
    private final Returns returns;
    private final Consumer<ActiveSubscriber> closeSoon;
    private final LongSupplier nanoTime;
    private volatile long expired;
    private volatile long goodFor = UNHEARD_NANOS;

    /**
     * @param capacity keys that may stay open
     * @param closeSoon has {@link ActiveSubscriber#closeIfIdle} run on a lane, and then {@link #closingEnded}; it may be lost, for
     *     the hand comes again
     */
    ActiveSubscribers(
            int capacity, OpcShelf shelf, SeqClock clock, EngineChoice engines, Consumer<ActiveSubscriber> closeSoon) {
        this(capacity, shelf, clock, engines, closeSoon, System::nanoTime);
    }

    /** @param nanoTime as {@link System#nanoTime} */
    ActiveSubscribers(
            int capacity,
            OpcShelf shelf,
            SeqClock clock,
            EngineChoice engines,
            Consumer<ActiveSubscriber> closeSoon,
            LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        expired = nanoTime.getAsLong();
        this.capacity = capacity;
        left = new LeftNumbers(SqnSequence.Left.room(capacity));
        this.shelf = shelf;
        this.engines = engines;
        this.closeSoon = closeSoon;
        returns = new Returns(capacity);
        hand = new ClockHand(clock, returns, closeSoon, this::forget);
    }

    /** The subscriber if he is in use by a record that counts, entered; else null. */
    @Nullable
    ActiveSubscriber enter(Supi supi) {
        ActiveSubscriber active = bySupi.get(supi);
        return active != null && counts(active) && active.enter() ? active : null;
    }

    private boolean counts(ActiveSubscriber active) {
        return active.isReadSince(nanoTime.getAsLong() - goodFor) && active.isReadSince(expired);
    }

    /**
     * Whether the record is to be read again now although it counts: after 3/8 to 7/8 of the time that it does. True once, until
     * {@link ActiveSubscriber#readingAheadEnded}.
     */
    boolean isToBeReadAhead(ActiveSubscriber active) {
        int spread = (active.subscriber().supi().hashCode() * GOLDEN) >>> SPREAD_SHIFT;
        long age = goodFor / 8 * 3 + ((goodFor / 2 * spread) >> SPREAD_BITS);
        return !active.isReadSince(nanoTime.getAsLong() - age) && active.beginReadingAhead();
    }

    /** To be taken before a record is read, for {@link #admit}. */
    long stamp(Supi supi) {
        return stamps.get(stampOf(supi));
    }

    private static int stampOf(Supi supi) {
        return Math.floorMod(supi.hashCode(), STAMPS);
    }

    /**
     * Takes a subscriber into use and enters; if another thread was first, enters what that one made.
     *
     * @param seat that the node had before the record was read
     * @param stamp as it was before the record was read
     * @param readAt when the reading began
     * @return null if there was a change meanwhile, so that the record must be read again
     */
    @Nullable
    ActiveSubscriber admit(Seat seat, Subscriber record, long stamp, long readAt) {
        ActiveSubscriber active = take(seat, record, stamp, readAt);
        if (active == null || active.enter()) {
            return active;
        }
        bySupi.remove(record.supi(), active);
        return null;
    }

    /** Takes a record over that was read ahead, unless he is in use by another meanwhile. As {@link #admit}, but nobody enters. */
    void renew(ActiveSubscriber active, Subscriber record, long stamp, long readAt) {
        if (active.seat().isHeld() && active.equals(bySupi.get(record.supi()))) {
            var _ = take(active.seat(), record, stamp, readAt);
        }
    }

    private @Nullable ActiveSubscriber take(Seat seat, Subscriber record, long stamp, long readAt) {
        Supi supi = record.supi();
        ActiveSubscriber active = bySupi.compute(supi, (_, before) -> {
            if (stamp(supi) != stamp) {
                return before;
            }
            if (before == null) {
                ActiveSubscriber begun = new ActiveSubscriber(seat, record, engines.of(record), readAt);
                left.take(supi, seat).ifPresent(begun.sequence()::resume);
                hand.changed(begun);
                return begun;
            }
            if (!before.isWithdrawn() && before.seat().equals(seat) && record.isSameAs(before.subscriber())) {
                before.foundUnchanged(readAt);
                return before;
            }
            takeOut(before);
            ActiveSubscriber successor = before.successor(seat, record, engines.of(record), readAt);
            hand.changed(successor);
            return successor;
        });
        return stamp(supi) == stamp ? active : null;
    }

    /**
     * Runs a change of the subscriber's record while nobody can take him into use, and withdraws him: whoever comes next
     * has the record as it is then.
     */
    void withdraw(Supi supi, Runnable change) {
        bySupi.compute(supi, (_, active) -> {
            change.run();
            stamps.incrementAndGet(stampOf(supi));
            if (active != null) {
                takeOut(active);
            }
            return active;
        });
        closeWithdrawn();
    }

    /** Withdraws a subscriber of whom it is heard that his record was changed or removed. */
    void changedElsewhere(Supi supi) {
        bySupi.compute(supi, (_, active) -> {
            stamps.incrementAndGet(stampOf(supi));
            if (active != null) {
                takeOut(active);
            }
            return active;
        });
    }

    /** Takes over what this node has written of the subscriber's number; what was read before does not count. */
    void adopt(ActiveSubscriber active, Subscriber onDisk) {
        active.adopt(onDisk);
        stamps.incrementAndGet(stampOf(onDisk.supi()));
    }

    /** Has all records read again before they are used: changes may have been missed. */
    void expireAll() {
        expired = nanoTime.getAsLong();
    }

    /** Says whether it is heard now of what other processes change. */
    void hearing(boolean live) {
        goodFor = live ? HEARD_NANOS : UNHEARD_NANOS;
    }

    /** The record that was read does not allow that the subscriber is served. */
    void dismiss(Supi supi) {
        bySupi.computeIfPresent(supi, (_, active) -> {
            takeOut(active);
            return active;
        });
        closeWithdrawn();
    }

    private void takeOut(ActiveSubscriber active) {
        if (!active.isWithdrawn()) {
            active.withdraw();
            withdrawn.add(active);
        }
    }

    /** Has the keys of the withdrawn closed; to be called again, for some may be in use and lanes busy. */
    void closeWithdrawn() {
        withdrawn.removeIf(ActiveSubscriber::isClosed);
        withdrawn.forEach(closeSoon);
    }

    /** As {@link #open}, for OPc or TOPc alone. */
    void openOpc(ActiveSubscriber active, LaneSession session, StorageKeys keys, MemorySegment scratch) {
        active.wantKeys(returns);
        if (active.hasKeys()) {
            return;
        }
        try {
            var _ = active.openOpc(session, keys, shelf, scratch);
        } finally {
            opened(active);
        }
    }

    /**
     * The Ki of a subscriber whose keys are open after this call. On a lane's thread, by one who has entered.
     *
     * @param scratch 32 octets of the lane's own
     */
    ActiveSubscriber.KiInUse open(
            ActiveSubscriber active, LaneSession session, StorageKeys keys, MemorySegment scratch) {
        active.wantKeys(returns);
        ActiveSubscriber.KiInUse ready = active.kiFor(session);
        if (ready != null) {
            return ready;
        }
        try {
            return active.open(session, keys, shelf, scratch);
        } finally {
            opened(active);
        }
    }

    private void opened(ActiveSubscriber active) {
        if (!active.hasKeys()) {
            makeRoom(shelf.taken() - capacity);
            return;
        }
        returns.keyOpened();
        if (shelf.taken() <= capacity || active.isReturning() || returns.keepingPays()) {
            active.keep();
            hand.changed(active);
            makeRoom(shelf.taken() - capacity);
        } else {
            makeRoom(0);
        }
    }

    /** Closes the keys of one who was served, unless they are kept or he is asked for again. On the lane's thread. */
    void served(ActiveSubscriber active, LaneSession session) {
        if (active.isKept() || !active.hasKeys()) {
            return;
        }
        active.closeIfIdle(session, shelf);
        if (active.hasKeys()) {
            hand.changed(active);
        }
    }

    /** To be called every second. */
    void passBySecond() {
        returns.judge();
        hand.passBySecond(ROUND_SECONDS);
    }

    private void makeRoom(int excess) {
        if (bySupi.size() > capacity) {
            hand.makeRoom(excess);
        }
    }

    /** The closing of a subscriber's keys has been done, or will not be. */
    void closingEnded(ActiveSubscriber closing) {
        hand.closingEnded(closing);
    }

    private void forget(ActiveSubscriber active) {
        if (!active.isWithdrawn()) {
            left.keep(active);
        }
        bySupi.remove(active.subscriber().supi(), active);
    }
}
