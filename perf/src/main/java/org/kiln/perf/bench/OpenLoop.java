package org.kiln.perf.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Requests over HTTP/2 at a constant rate, whether or not the ones before are answered. The time of each is counted from when it
 * was due, so that a server that stands still shows (no coordinated omission).
 */
final class OpenLoop {

    private static final int CONNECTIONS = 4;
    private static final long LONGEST_NS = 60_000_000_000L;
    private static final long NANOS = 1_000_000_000L;
    private static final long PATIENCE_NS = 60 * NANOS;

    /** Requests that are due within it leave together. */
    private static final long PAUSE_NS = NANOS / 4000;

    private static final int SIGNIFICANT = 3;

    private final H2Load.Work work;
    private final int seconds;

    OpenLoop(H2Load.Work work, int seconds) {
        this.work = work;
        this.seconds = seconds;
    }

    /**
     * What came of a rate.
     *
     * @param times of the answers, in nanoseconds from when their requests were due
     * @param failed answers that were not 200, or none
     */
    record Outcome(Histogram times, long failed) {

        double millis(double percentile) {
            return times.getValueAtPercentile(percentile) / 1e6;
        }
    }

    /**
     * Sends requests at a rate, for a while that does not count and then for as long as was said.
     *
     * @param perSecond requests
     */
    Outcome at(double perSecond) {
        run(perSecond, Math.min(2, seconds));
        return run(perSecond, seconds);
    }

    private Outcome run(double perSecond, int duration) {
        ConcurrentHistogram times = new ConcurrentHistogram(LONGEST_NS, SIGNIFICANT);
        LongAdder failed = new LongAdder();
        long start = System.nanoTime() + NANOS / 100;
        long all = (long) (perSecond * duration);
        try (ExecutorService callers = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().name("open-loop-", 0).daemon().factory())) {
            List<Future<?>> parts = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                int first = i;
                parts.add(callers.submit(() -> {
                    new Part(first, all, start, NANOS / perSecond, times, failed).run(callers);
                    return first;
                }));
            }
            for (Future<?> part : parts) {
                part.get();
            }
        } catch (ExecutionException e) {
            throw new BenchException("requests are not answered at " + perSecond + " a second: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
        return new Outcome(times, failed.sum());
    }

    /** Every n-th of the requests, over a connection of its own. */
    private final class Part {

        private final int first;
        private final int count;
        private final long start;
        private final double interval;
        private final Histogram times;
        private final LongAdder failed;
        private final AtomicInteger answered = new AtomicInteger();

        Part(int first, long all, long start, double interval, Histogram times, LongAdder failed) {
            this.first = first;
            count = (int) ((all - first + CONNECTIONS - 1) / CONNECTIONS);
            this.start = start;
            this.interval = interval;
            this.times = times;
            this.failed = failed;
        }

        private long due(int number) {
            return start + (long) ((first + (long) number * CONNECTIONS) * interval);
        }

        void run(ExecutorService callers) throws IOException, ExecutionException, InterruptedException {
            Future<?> reading;
            try (Http2Connection connection = new Http2Connection(work.port())) {
                reading = callers.submit(() -> {
                    connection.readAll(this::take);
                    return first;
                });
                send(connection);
                long patience = System.nanoTime() + PATIENCE_NS;
                while (answered.get() < count && !reading.isDone()) {
                    if (System.nanoTime() > patience) {
                        throw new BenchException("waited in vain");
                    }
                    LockSupport.parkNanos(NANOS / 1000);
                }
            }
            reading.get();
            if (answered.get() < count) {
                throw new BenchException("the connection was closed");
            }
        }

        private void take(int number, boolean ok) {
            if (ok) {
                times.recordValue(Math.clamp(System.nanoTime() - due(number), 1, LONGEST_NS));
            } else {
                failed.increment();
            }
            answered.incrementAndGet();
        }

        /** Sends what is due, as much of it at once as the server takes. */
        private void send(Http2Connection connection) throws IOException {
            byte[] body = work.body().getBytes(StandardCharsets.UTF_8);
            for (int number = 0; number < count; ) {
                int sent = number;
                while (number < count
                        && due(number) <= System.nanoTime()
                        && number - answered.get() < connection.mostAtATime()) {
                    connection.post(work.path().apply((first + number * CONNECTIONS) % work.paths()), body);
                    number++;
                }
                if (number > sent) {
                    connection.flush();
                }
                if (number < count) {
                    LockSupport.parkNanos(Math.max(PAUSE_NS, due(number) - System.nanoTime()));
                }
            }
        }
    }
}
