package org.kiln.kms.auc;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.kiln.kms.sqn.SeqClock;

/**
 * Passes the subscribers in use by, and decides whose keys are closed and who is forgotten. Those with open keys stand in one
 * round, the others in another, where they wait until their sequence lies behind the clock. Whose keys are being closed stands in
 * neither; so however many wait, those whose keys can be closed are found.
 */
final class ClockHand {

    /** How many of those without keys are looked at each time, at most. */
    private static final int STEPS_WITHOUT_KEYS = 4;

    private static final int STEPS_WITHOUT_KEYS_A_SECOND = 10_000;

    private final Queue<ActiveSubscriber> changed = new ConcurrentLinkedQueue<>();
    private final Deque<ActiveSubscriber> withKeys = new ArrayDeque<>();
    private final Deque<ActiveSubscriber> withoutKeys = new ArrayDeque<>();
    private final AtomicInteger closings = new AtomicInteger();
    private final SeqClock clock;
    private final Returns returns;
    private final Consumer<ActiveSubscriber> closeSoon;
    private final Consumer<ActiveSubscriber> forget;

    /** Where the hand has a subscriber; under its lock. One whose keys were opened or closed since may stand in both rounds. */
    static final class Place {
        private boolean withKeys;
        private boolean withoutKeys;
        private boolean forgotten;
    }

    /**
     * @param closeSoon has the keys of a subscriber closed; {@link #closingEnded} when that is done or will not be
     * @param forget told who is forgotten, who may have been withdrawn before
     */
    ClockHand(
            SeqClock clock, Returns returns, Consumer<ActiveSubscriber> closeSoon, Consumer<ActiveSubscriber> forget) {
        this.clock = clock;
        this.returns = returns;
        this.closeSoon = closeSoon;
        this.forget = forget;
    }

    /** A subscriber was taken into use, or his keys were opened. Waits for nobody. */
    void changed(ActiveSubscriber subscriber) {
        changed.add(subscriber);
    }

    /** The closing of a subscriber's keys has been done, or will not be. Waits for nobody. */
    void closingEnded(ActiveSubscriber subscriber) {
        if (subscriber.closingEnded()) {
            closings.decrementAndGet();
            changed.add(subscriber);
        }
    }

    /** Moves on until so many more keys are being closed as are open too many, at most twice round. */
    synchronized void makeRoom(int excess) {
        placeChanged();
        long now = clock.now();
        int tooMany = excess - closings.get();
        for (int steps = 2 * withKeys.size(); steps > 0 && tooMany > 0 && !withKeys.isEmpty(); steps--) {
            if (step(now)) {
                tooMany--;
            }
        }
        passWithoutKeys(STEPS_WITHOUT_KEYS, now);
    }

    /** To be called every second: the hand goes round those with open keys in so many seconds. */
    synchronized void passBySecond(int roundSeconds) {
        placeChanged();
        long now = clock.now();
        for (int steps = withKeys.size() / roundSeconds; steps >= 0 && !withKeys.isEmpty(); steps--) {
            step(now);
        }
        passWithoutKeys(Math.min(withoutKeys.size(), STEPS_WITHOUT_KEYS_A_SECOND), now);
    }

    private void placeChanged() {
        for (ActiveSubscriber next = changed.poll(); next != null; next = changed.poll()) {
            place(next);
        }
    }

    private void place(ActiveSubscriber subscriber) {
        Place place = subscriber.place();
        if (place.forgotten) {
            return;
        }
        if (subscriber.hasKeys() && !place.withKeys) {
            place.withKeys = true;
            withKeys.addLast(subscriber);
        } else if (!subscriber.hasKeys() && !place.withoutKeys) {
            place.withoutKeys = true;
            withoutKeys.addLast(subscriber);
        }
    }

    /** Passes one with open keys by; true if they are being closed. */
    private boolean step(long now) {
        ActiveSubscriber next = withKeys.removeFirst();
        next.place().withKeys = false;
        return pass(next, now);
    }

    private void passWithoutKeys(int most, long now) {
        for (int steps = Math.min(most, withoutKeys.size()); steps > 0; steps--) {
            ActiveSubscriber next = withoutKeys.removeFirst();
            next.place().withoutKeys = false;
            if (next.hasKeys()) {
                place(next);
            } else {
                pass(next, now);
            }
        }
    }

    private boolean pass(ActiveSubscriber next, long now) {
        if (next.place().forgotten) {
            return false;
        }
        switch (next.passBy(now, returns)) {
            case STAYS -> place(next);
            case FORGOTTEN -> {
                next.place().forgotten = true;
                forget.accept(next);
            }
            case TO_BE_CLOSED -> {
                closings.incrementAndGet();
                closeSoon.accept(next);
                return true;
            }
        }
        return false;
    }
}
