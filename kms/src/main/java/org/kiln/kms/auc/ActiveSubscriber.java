package org.kiln.kms.auc;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.TimeBasedSequence;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.pkcs11.Session;

/**
 * A subscriber in use: his sequence, his Ki as a session object in the token, his OPc off the heap.
 *
 * <p>Whoever works with it {@linkplain #enter enters} first and {@linkplain #leave leaves} last; only an empty one can
 * be retired.
 */
final class ActiveSubscriber {

    private final TimeBasedSequence sequence;
    private volatile Subscriber subscriber;
    private volatile boolean recentlyUsed = true;
    private int users;
    private boolean retired;
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

    /** False if it has been retired meanwhile. */
    synchronized boolean enter() {
        if (retired) {
            return false;
        }
        users++;
        recentlyUsed = true;
        return true;
    }

    synchronized void leave() {
        users--;
    }

    /** Takes over a record whose DIF is on disk now. */
    void replace(Subscriber durable) {
        subscriber = durable;
    }

    /** Retires it if nobody is inside, nothing was asked since the last time, and its sequence lies behind the clock. */
    synchronized boolean retireIfIdle(long clock) {
        boolean wasUsed = recentlyUsed;
        recentlyUsed = false;
        if (wasUsed || users > 0 || !sequence.isBehind(clock)) {
            return false;
        }
        retired = true;
        return true;
    }

    /** Brings Ki and OPc into use unless they are; returns the OPc. On a lane's thread, by one who has entered. */
    MemorySegment open(Session session, StorageKeys keys, OpcShelf shelf) {
        MemorySegment ready = opc;
        return ready != null ? ready : openSlowly(session, keys, shelf);
    }

    private synchronized MemorySegment openSlowly(Session session, StorageKeys keys, OpcShelf shelf) {
        MemorySegment ready = opc;
        if (ready != null) {
            return ready;
        }
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

    /** Destroys Ki and wipes OPc. On a lane's thread, after retirement. */
    synchronized void close(Session session, OpcShelf shelf) {
        MemorySegment place = opc;
        if (place != null) {
            opc = null;
            shelf.giveBack(place);
            session.destroyObject(ki);
        }
    }
}
