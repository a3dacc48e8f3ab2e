package org.kiln.kms.provisioning;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.hsm.TokenCluster;

/**
 * Pages of work for all lanes of the first token, which has the transport keys. Their results are taken in the order in which
 * they were handed over, on the thread that hands them over; few are under way at a time, however many there are.
 */
final class PagesInOrder<T> {

    private final TokenCluster tokens;
    private final Consumer<T> taker;
    private final int most;
    private final Queue<CompletableFuture<T>> underWay = new ArrayDeque<>();

    PagesInOrder(TokenCluster tokens, Consumer<T> taker) {
        this.tokens = tokens;
        this.taker = taker;
        most = 2 * Math.max(1, tokens.lanes());
    }

    /** Hands a page over, and waits for the oldest if enough are under way. */
    void hand(Function<LaneSession, T> page) {
        if (underWay.size() == most) {
            takeOldest();
        }
        underWay.add(tokens.startOnFirst(page));
    }

    /** Waits for all. */
    void finish() {
        while (!underWay.isEmpty()) {
            takeOldest();
        }
    }

    private void takeOldest() {
        try {
            taker.accept(underWay.remove().join());
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
