package org.kiln.kms.store;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/** A few threads on which work may wait for the disk, and a bounded queue before them. */
public final class StoreThreads implements AutoCloseable {

    private final ExecutorService threads;

    /**
     * @param name begins the threads' names
     * @param queue tasks that may wait
     */
    public StoreThreads(String name, int count, int queue) {
        threads = new ThreadPoolExecutor(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(queue),
                Thread.ofPlatform().name(name + "-", 0).daemon().factory());
    }

    /**
     * Has a thread do {@code work}.
     *
     * @param explained turns what {@code work} throws, or a {@link RejectedExecutionException} of a full queue, into what
     *     the result fails with
     * @return completed on one of the threads, which must not be kept
     */
    public <T> CompletableFuture<T> start(Supplier<T> work, Function<Throwable, Throwable> explained) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    result.complete(work.get());
                } catch (RuntimeException | Error e) {
                    result.completeExceptionally(explained.apply(e));
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(explained.apply(e));
        }
        return result;
    }

    /** Finishes what has begun. */
    @Override
    public void close() {
        threads.close();
    }
}
