package org.kiln.kms.auc;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongUnaryOperator;
import org.kiln.kms.sqn.SqnState;
import org.kiln.kms.store.Gathering;
import org.kiln.kms.subscriber.SqnAdvance;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberRecord;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.transfer.numbering.Supi;

/**
 * What the store holds of subscribers and their sequence numbers, for requests that come at the same time: one statement reads
 * many records, one transaction writes many numbers. A number is written only over the record that this node knows; over
 * another that differs in its number alone, which another node has written, it is worked out anew.
 */
final class SqnLedger implements AutoCloseable {

    private static final int THREADS = 2;
    private static final int MOST = 64;
    private static final int QUEUE = 4096;
    private static final int MOST_TRIES = 50;

    private final Gathering<Supi, Optional<SubscriberRecord>> reads;
    private final Gathering<SqnAdvance, Boolean> writes;

    private final ActiveSubscribers actives;

    SqnLedger(SubscriberStore store, ActiveSubscribers actives) {
        this.actives = actives;
        reads = new Gathering<>("store-read", THREADS, MOST, QUEUE, supis -> read(store, supis));
        writes = new Gathering<>("store-write", THREADS, MOST, QUEUE, store::advance);
    }

    private static List<Optional<SubscriberRecord>> read(SubscriberStore store, List<Supi> supis) {
        var found = store.find(supis);
        return supis.stream().map(supi -> Optional.ofNullable(found.get(supi))).toList();
    }

    /** The record has been changed in more than its number: whoever has it in use must begin anew. */
    static final class RecordChangedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /**
     * A number that has been moved; it is on disk.
     *
     * @param before what was on disk until then
     */
    record Moved(SqnState before, SqnState after) {}

    CompletableFuture<Optional<SubscriberRecord>> read(Supi supi) {
        return reads.ask(supi);
    }

    /**
     * Moves the number on disk. One move of a subscriber's at a time.
     *
     * @param change of the number that is on disk, whoever wrote it
     * @return fails with {@link RecordChangedException}, or as the store does
     */
    CompletableFuture<Moved> move(ActiveSubscriber active, LongUnaryOperator change) {
        return move(active, change, MOST_TRIES);
    }

    private CompletableFuture<Moved> move(ActiveSubscriber active, LongUnaryOperator change, int tries) {
        Subscriber known = active.subscriber();
        SqnAdvance advance =
                new SqnAdvance(known, change.applyAsLong(known.sqn().durable()));
        return writes.ask(advance).thenCompose(done -> {
            if (done) {
                actives.adopt(active, advance.advanced());
                return CompletableFuture.completedFuture(
                        new Moved(known.sqn(), advance.advanced().sqn()));
            }
            if (tries == 0) {
                throw new AuthenticationException.Unavailable(
                        "other nodes write this subscriber's numbers all the time");
            }
            return reads.ask(known.supi()).thenCompose(record -> {
                actives.adopt(active, sameButForItsNumber(known, record));
                return move(active, change, tries - 1);
            });
        });
    }

    private static Subscriber sameButForItsNumber(Subscriber known, Optional<SubscriberRecord> record) {
        return record.map(SubscriberRecord::opened)
                .filter(found -> found.status() == SubscriberStatus.ACTIVE && found.differsInNumberAtMost(known))
                .orElseThrow(RecordChangedException::new);
    }

    /** Finishes what has begun. */
    @Override
    public void close() {
        reads.close();
        writes.close();
    }
}
