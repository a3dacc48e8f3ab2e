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
 * round, those whose keys were closed in another, where they wait until their sequence lies behind the clock.
 */
final class ClockHand {

    /** How many of the closed are looked at each time, at most. */
    private static final int CLOSED_STEPS = 4;

    private static final int CLOSED_STEPS_A_SECOND = 10_000;

    private final Queue<ActiveSubscriber> newcomers = new ConcurrentLinkedQueue<>();
    private final Deque<ActiveSubscriber> open = new ArrayDeque<>();
    private final Deque<ActiveSubscriber> closed = new ArrayDeque<>();
    private final AtomicInteger closings = new AtomicInteger();
    private final SeqClock clock;
    private final Consumer<ActiveSubscriber> closeSoon;
    private final Consumer<ActiveSubscriber> forget;

    /**
     * @param closeSoon has the keys of a subscriber closed; {@link #closingEnded} when that is done or will not be
     * @param forget told who is forgotten, who may have been withdrawn before
     */
    ClockHand(SeqClock clock, Consumer<ActiveSubscriber> closeSoon, Consumer<ActiveSubscriber> forget) {
        this.clock = clock;
        this.closeSoon = closeSoon;
        this.forget = forget;
    }

    /** A subscriber was taken into use. Waits for nobody. */
    void add(ActiveSubscriber newcomer) {
        newcomers.add(newcomer);
    }

    /** The closing of a subscriber's keys has been done, or will not be. */
    void closingEnded(ActiveSubscriber closing) {
        if (closing.closingEnded()) {
            closings.decrementAndGet();
        }
    }

    /** Moves on until so many more keys are being closed as are open too many, at most twice round. */
    synchronized void makeRoom(int excess) {
        admitNewcomers();
        long now = clock.now();
        int tooMany = excess - closings.get();
        for (int steps = 2 * open.size(); steps > 0 && tooMany > 0 && !open.isEmpty(); steps--) {
            if (stepOpen(now)) {
                tooMany--;
            }
        }
        passClosed(CLOSED_STEPS, now);
    }

    /** To be called every second: the hand goes round those with open keys in so many seconds. */
    synchronized void passBySecond(int roundSeconds) {
        admitNewcomers();
        long now = clock.now();
        for (int steps = open.size() / roundSeconds; steps >= 0 && !open.isEmpty(); steps--) {
            stepOpen(now);
        }
        passClosed(Math.min(closed.size(), CLOSED_STEPS_A_SECOND), now);
    }

    private void admitNewcomers() {
        for (ActiveSubscriber next = newcomers.poll(); next != null; next = newcomers.poll()) {
            open.addLast(next);
        }
    }

    /** True if his keys are being closed. */
    private boolean stepOpen(long now) {
        ActiveSubscriber next = open.removeFirst();
        switch (next.passBy(now)) {
            case STAYS -> open.addLast(next);
            case FORGOTTEN -> forget.accept(next);
            case TO_BE_CLOSED -> {
                close(next);
                return true;
            }
        }
        return false;
    }

    private void close(ActiveSubscriber idle) {
        closings.incrementAndGet();
        closed.addLast(idle);
        closeSoon.accept(idle);
    }

    private void passClosed(int most, long now) {
        for (int steps = most; steps > 0 && !closed.isEmpty(); steps--) {
            ActiveSubscriber next = closed.removeFirst();
            switch (next.passBy(now)) {
                case FORGOTTEN -> forget.accept(next);
                case TO_BE_CLOSED -> close(next);
                case STAYS -> (next.hasKeys() ? open : closed).addLast(next);
            }
        }
    }
}
