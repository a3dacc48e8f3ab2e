package org.kiln.kms.auc;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.TimeBasedSequence;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.pkcs11.Session;

/**
 * A subscriber in use: his sequence; and, while they are open, his Ki as a session object in the token and his OPc off
 * the heap.
 *
 * <p>Whoever works with it {@linkplain #enter enters} first and {@linkplain #leave leaves} last; keys are closed, and
 * the whole forgotten, only while nobody is inside.
 */
final class ActiveSubscriber {

    private final TimeBasedSequence sequence;

    /** Held while keys are opened and closed: microseconds to milliseconds, on lanes only. */
    private final ReentrantLock keysLock = new ReentrantLock();

    /** Held while the record is changed on disk, on store threads only. */
    private final ReentrantLock recordLock = new ReentrantLock();

    private volatile Subscriber subscriber;
    private boolean recentlyUsed = true;
    private int users;
    private boolean forgotten;
    private long ki;
    private volatile @Nullable MemorySegment opc;

    ActiveSubscriber(Subscriber subscriber) {
        this.subscriber = subscriber;
        sequence = new TimeBasedSequence(new Sqn(subscriber.indLength()), subscriber.dif());
    }

    Subscriber subscriber() {
        return subscriber;
    }

    TimeBasedSequence sequence() {
        return sequence;
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

    synchronized void leave() {
        users--;
    }

    /** Changes the record, one change at a time; {@code change} answers the record that is on disk now. */
    void changeRecord(UnaryOperator<Subscriber> change) {
        recordLock.lock();
        try {
            subscriber = change.apply(subscriber);
        } finally {
            recordLock.unlock();
        }
    }

    /** Reads the record anew; true if its keys have moved under others since. */
    boolean reload(SubscriberStore store) {
        Subscriber before = subscriber;
        changeRecord(known -> store.find(known.supi()).orElseThrow(AuthenticationException.UnknownSubscriber::new));
        return !before.ki().keyLabel().equals(subscriber.ki().keyLabel())
                || !before.opc().keyLabel().equals(subscriber.opc().keyLabel());
    }

    /** What the hand of {@link ActiveSubscribers} decides about it. */
    enum Fate {
        STAYS,
        TO_BE_CLOSED,
        FORGOTTEN
    }

    /** Decides; what was asked for since the last time stays, and what may be forgotten is, from now on. */
    synchronized Fate passBy(long clock) {
        boolean wasUsed = recentlyUsed;
        recentlyUsed = false;
        if (wasUsed || users > 0) {
            return Fate.STAYS;
        }
        if (opc != null) {
            return Fate.TO_BE_CLOSED;
        }
        forgotten = sequence.isBehind(clock);
        return forgotten ? Fate.FORGOTTEN : Fate.STAYS;
    }

    /** The OPc if the keys are open, else null. */
    @Nullable
    MemorySegment opcIfOpen() {
        return opc;
    }

    /** Brings Ki and OPc into use unless they are; returns the OPc. On a lane's thread, by one who has entered. */
    MemorySegment open(Session session, StorageKeys keys, OpcShelf shelf) {
        keysLock.lock();
        try {
            MemorySegment ready = opc;
            return ready != null ? ready : openNow(session, keys, shelf);
        } finally {
            keysLock.unlock();
        }
    }

    private MemorySegment openNow(Session session, StorageKeys keys, OpcShelf shelf) {
        MemorySegment place = shelf.take();
        if (place == null) {
            throw new AuthenticationException.Unavailable(
                    "more subscribers are in use than auc.activeSubscribers allows");
        }
        try {
            keys.readOpc(session, subscriber.opc(), place);
            ki = keys.bringIntoUse(session, subscriber.ki());
        } catch (RuntimeException e) {
            shelf.giveBack(place);
            throw e;
        }
        opc = place;
        return place;
    }

    /** The handle of Ki; valid after {@link #open}. */
    long ki() {
        return ki;
    }

    /** Destroys Ki and wipes OPc unless somebody is inside. On a lane's thread. */
    void closeIfIdle(Session session, OpcShelf shelf) {
        keysLock.lock();
        try {
            MemorySegment place = takeOpcIfIdle();
            if (place != null) {
                shelf.giveBack(place);
                session.destroyObject(ki);
            }
        } finally {
            keysLock.unlock();
        }
    }

    private synchronized @Nullable MemorySegment takeOpcIfIdle() {
        MemorySegment place = users == 0 ? opc : null;
        if (place != null) {
            opc = null;
        }
        return place;
    }
}
