package org.kiln.kms.auc;

import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.transfer.numbering.Supi;

/** The subscribers in use, up to a bound. When it is full, those not asked for since the hand last passed give way. */
final class ActiveSubscribers {

    private final Map<Supi, ActiveSubscriber> bySupi = new ConcurrentHashMap<>();
    private final int capacity;
    private final SeqClock clock;
    private final Consumer<ActiveSubscriber> onRetired;
    private Iterator<ActiveSubscriber> hand = bySupi.values().iterator();

    /** @param onRetired releases what a retired subscriber holds in the token */
    ActiveSubscribers(int capacity, SeqClock clock, Consumer<ActiveSubscriber> onRetired) {
        this.capacity = capacity;
        this.clock = clock;
        this.onRetired = onRetired;
    }

    int size() {
        return bySupi.size();
    }

    /** The subscriber if he is in use, entered; else null. */
    @Nullable
    ActiveSubscriber enter(Supi supi) {
        ActiveSubscriber active = bySupi.get(supi);
        return active != null && active.enter() ? active : null;
    }

    /** Takes a subscriber into use and enters; if another thread was first, enters what that one made. */
    ActiveSubscriber admit(Subscriber subscriber) {
        while (true) {
            ActiveSubscriber active =
                    bySupi.computeIfAbsent(subscriber.supi(), supi -> new ActiveSubscriber(subscriber));
            if (active.enter()) {
                makeRoom();
                return active;
            }
            bySupi.remove(subscriber.supi(), active);
        }
    }

    /** Passes the hand at most twice round. */
    private synchronized void makeRoom() {
        int steps = 2 * bySupi.size();
        while (bySupi.size() > capacity && steps-- > 0) {
            if (!hand.hasNext()) {
                hand = bySupi.values().iterator();
            }
            ActiveSubscriber active = hand.next();
            if (active.retireIfIdle(clock.now())) {
                bySupi.remove(active.subscriber().supi(), active);
                onRetired.accept(active);
            }
        }
    }
}
