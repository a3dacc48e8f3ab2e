package org.kiln.kms.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * Answers questions together that come at the same time: a few threads each take what has gathered while they were busy. Who
 * asks alone does not wait for others.
 *
 * @param <Q> a question
 * @param <A> its answer
 */
public final class Gathering<Q, A> implements AutoCloseable {

    private final Function<List<Q>, List<A>> together;
    private final int most;
    private final BlockingQueue<Asked<Q, A>> waiting;
    private final List<Thread> threads = new ArrayList<>();

    private record Asked<Q, A>(Q question, CompletableFuture<A> answer) {}

    /**
     * @param name begins the threads' names
     * @param count of threads
     * @param most questions answered at once
     * @param queue questions that may wait
     * @param together answers them in their order; what it throws, all of them fail with
     */
    public Gathering(String name, int count, int most, int queue, Function<List<Q>, List<A>> together) {
        this.together = together;
        this.most = most;
        waiting = new ArrayBlockingQueue<>(queue);
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofPlatform().name(name + "-" + i).daemon().start(this::answerAll));
        }
    }

    /** @return completed on one of the threads, which must not be kept; fails at once if too many wait */
    public CompletableFuture<A> ask(Q question) {
        Asked<Q, A> asked = new Asked<>(question, new CompletableFuture<>());
        if (!waiting.offer(asked)) {
            asked.answer.completeExceptionally(new RejectedExecutionException("too many wait for the database"));
        }
        return asked.answer;
    }

    private void answerAll() {
        List<Asked<Q, A>> batch = new ArrayList<>(most);
        try {
            while (!Thread.currentThread().isInterrupted()) {
                batch.add(waiting.take());
                waiting.drainTo(batch, most - 1);
                answer(batch);
                batch.clear();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(List<Asked<Q, A>> batch) {
        List<A> answers;
        try {
            answers = together.apply(batch.stream().map(Asked::question).toList());
        } catch (RuntimeException | Error e) {
            batch.forEach(asked -> asked.answer.completeExceptionally(e));
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).answer.complete(answers.get(i));
        }
    }

    /** Finishes what has begun; what still waits fails. */
    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        waiting.forEach(asked -> asked.answer.completeExceptionally(new RejectedExecutionException("closed")));
    }
}
