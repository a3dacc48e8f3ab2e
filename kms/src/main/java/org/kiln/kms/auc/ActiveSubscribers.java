package org.kiln.kms.auc;

import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.transfer.numbering.Supi;

/**
 * The subscribers in use. When more keys are open than the bound allows, a hand goes round and has those closed that
 * were not asked for since it last passed; a subscriber is forgotten once his sequence lies behind the clock too.
 */
final class ActiveSubscribers {

    private static final int LEAST_STEPS = 4;

    private final Map<Supi, ActiveSubscriber> bySupi = new ConcurrentHashMap<>();
    private final Queue<ActiveSubscriber> withdrawn = new ConcurrentLinkedQueue<>();
    private final int capacity;
    private final OpcShelf shelf;
    private final SeqClock clock;
    private final EngineChoice engines;
    private final Consumer<ActiveSubscriber> closeSoon;
    private Iterator<ActiveSubscriber> hand = bySupi.values().iterator();

    /**
     * @param capacity keys that may stay open
     * @param closeSoon has {@link ActiveSubscriber#closeIfIdle} run on a lane; it may be lost, for the hand comes again
     */
    ActiveSubscribers(
            int capacity, OpcShelf shelf, SeqClock clock, EngineChoice engines, Consumer<ActiveSubscriber> closeSoon) {
        this.capacity = capacity;
        this.shelf = shelf;
        this.clock = clock;
        this.engines = engines;
        this.closeSoon = closeSoon;
    }

    /** The subscriber if he is in use, entered; else null. */
    @Nullable
    ActiveSubscriber enter(Supi supi) {
        ActiveSubscriber active = bySupi.get(supi);
        return active != null && active.enter() ? active : null;
    }

    /**
     * Takes a subscriber into use and enters; if another thread was first, enters what that one made. The record is
     * loaded while the place in the map is held, so that none is taken that was read before a change and is used after
     * its subscriber has been forgotten.
     *
     * @param load reads the record; what it throws is thrown here
     */
    ActiveSubscriber admit(Supi supi, Function<Supi, Subscriber> load) {
        while (true) {
            ActiveSubscriber active = bySupi.computeIfAbsent(supi, key -> activated(load.apply(key)));
            if (active.enter()) {
                return active;
            }
            bySupi.remove(supi, active);
        }
    }

    /**
     * Runs a change of the subscriber's record while nobody can take him into use, and withdraws him: whoever comes next
     * has the record as it is then.
     */
    void withdraw(Supi supi, Runnable change) {
        bySupi.compute(supi, (key, active) -> {
            if (active == null) {
                change.run();
            } else {
                active.withdraw(change);
                withdrawn.add(active);
            }
            return null;
        });
        closeWithdrawn();
    }

    /** Has the keys of the withdrawn closed; to be called again, for some may be in use and lanes busy. */
    void closeWithdrawn() {
        withdrawn.removeIf(ActiveSubscriber::isClosed);
        withdrawn.forEach(closeSoon);
    }

    /** @throws org.kiln.kms.aka.AkaException if no engine serves him */
    private ActiveSubscriber activated(Subscriber subscriber) {
        return new ActiveSubscriber(subscriber, engines.of(subscriber));
    }

    /** As {@link #open}, for OPc or TOPc alone. */
    void openOpc(ActiveSubscriber active, LaneSession session, StorageKeys keys, MemorySegment scratch) {
        if (active.openOpc(session, keys, shelf, scratch)) {
            makeRoom();
        }
    }

    /**
     * The Ki of a subscriber whose keys are open after this call. On a lane's thread, by one who has entered.
     *
     * @param scratch 32 octets of the lane's own
     */
    ActiveSubscriber.KiInUse open(
            ActiveSubscriber active, LaneSession session, StorageKeys keys, MemorySegment scratch) {
        ActiveSubscriber.KiInUse ready = active.kiFor(session);
        if (ready != null) {
            return ready;
        }
        ActiveSubscriber.KiInUse opened = active.open(session, keys, shelf, scratch);
        makeRoom();
        return opened;
    }

    /** Moves the hand a few steps; as far as twice round while too many keys are open. */
    private synchronized void makeRoom() {
        if (bySupi.size() <= capacity) {
            return;
        }
        int excess = shelf.taken() - capacity;
        for (int steps = 0; steps < 2 * bySupi.size() && (steps < LEAST_STEPS || excess > 0); steps++) {
            if (!hand.hasNext()) {
                hand = bySupi.values().iterator();
            }
            ActiveSubscriber active = hand.next();
            switch (active.passBy(clock.now())) {
                case STAYS -> {}
                case FORGOTTEN -> bySupi.remove(active.subscriber().supi(), active);
                case TO_BE_CLOSED -> {
                    closeSoon.accept(active);
                    excess--;
                }
            }
        }
    }
}
