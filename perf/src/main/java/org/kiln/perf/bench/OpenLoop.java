package org.kiln.perf.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Requests over HTTP/2 at a constant rate, whether or not the ones before are answered. The time of each is counted from when it
 * was due, so that a server that stands still shows (no coordinated omission). One thread does it all, at intervals, so as to leave
 * the processors to the server.
 */
final class OpenLoop {

    private static final int CONNECTIONS = 4;
    private static final long LONGEST_NS = 60_000_000_000L;
    private static final long NANOS = 1_000_000_000L;
    private static final long PATIENCE_NS = 60 * NANOS;

    /** How long it rests: what is due meanwhile leaves together, what comes meanwhile counts as come at its end. */
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
        List<Share> shares = new ArrayList<>();
        Histogram times = new Histogram(LONGEST_NS, SIGNIFICANT);
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                shares.add(new Share(i, (long) (perSecond * duration), NANOS / perSecond, times));
            }
            run(shares);
            return new Outcome(
                    times, shares.stream().mapToLong(share -> share.failed).sum());
        } catch (IOException e) {
            throw new BenchException("requests are not answered at " + perSecond + " a second: " + e, e);
        } finally {
            shares.forEach(Share::close);
        }
    }

    private static void run(List<Share> shares) throws IOException {
        long start = System.nanoTime() + NANOS / 100;
        long heard = start;
        while (shares.stream().anyMatch(share -> !share.isDone())) {
            long now = System.nanoTime();
            for (Share share : shares) {
                if (share.pass(start)) {
                    heard = now;
                }
            }
            if (now - heard > PATIENCE_NS) {
                throw new IOException("waited in vain");
            }
            LockSupport.parkNanos(PAUSE_NS - (System.nanoTime() - now));
        }
    }

    /** Every n-th of the requests, over a connection of its own. */
    private final class Share implements AutoCloseable {

        private final int first;
        private final int count;
        private final double interval;
        private final Histogram times;
        private final Http2Connection connection;
        private final byte[] body;
        private int sent;
        private int answered;
        private int failed;

        Share(int first, long all, double interval, Histogram times) throws IOException {
            this.first = first;
            count = (int) ((all - first + CONNECTIONS - 1) / CONNECTIONS);
            this.interval = interval;
            this.times = times;
            connection = new Http2Connection(work.port());
            body = work.body().getBytes(StandardCharsets.UTF_8);
        }

        private long due(int number) {
            return (long) ((first + (long) number * CONNECTIONS) * interval);
        }

        boolean isDone() {
            return answered == count;
        }

        /** Sends what is due, as much of it as the server takes, and takes what has come; false if nothing has. */
        boolean pass(long start) throws IOException {
            int before = sent;
            while (sent < count
                    && due(sent) <= System.nanoTime() - start
                    && sent - answered < connection.mostAtATime()) {
                connection.post(work.path().apply((first + sent * CONNECTIONS) % work.paths()), body);
                sent++;
            }
            if (sent > before) {
                connection.flush();
            }
            boolean heard = false;
            while (connection.isReady()) {
                connection.read((number, ok) -> take(System.nanoTime() - start - due(number), ok));
                heard = true;
            }
            return heard;
        }

        private void take(long nanos, boolean ok) {
            if (ok) {
                times.recordValue(Math.clamp(nanos, 1, LONGEST_NS));
            } else {
                failed++;
            }
            answered++;
        }

        @Override
        public void close() {
            connection.close();
        }
    }
}
