package org.kiln.perf.bench;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
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

    /** @param perSecond requests */
    Outcome at(double perSecond) {
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        try {
            HttpClient client = vertx.createHttpClient(
                    new HttpClientOptions()
                            .setProtocolVersion(HttpVersion.HTTP_2)
                            .setHttp2ClearTextUpgrade(false)
                            .setHttp2MultiplexingLimit(1000),
                    new PoolOptions().setHttp2MaxSize(CONNECTIONS));
            Context context = vertx.getOrCreateContext();
            run(context, client, perSecond, Math.min(2, seconds));
            return run(context, client, perSecond, seconds);
        } finally {
            vertx.close().await();
        }
    }

    private Outcome run(Context context, HttpClient client, double perSecond, int duration) {
        ConcurrentHistogram times = new ConcurrentHistogram(LONGEST_NS, SIGNIFICANT);
        LongAdder failed = new LongAdder();
        LongAdder done = new LongAdder();
        Buffer body = Buffer.buffer(work.body());
        double interval = NANOS / perSecond;
        long start = System.nanoTime();
        long all = (long) (perSecond * duration);
        for (long i = 0; i < all; i++) {
            long due = start + (long) (i * interval);
            awaitTime(due);
            int number = (int) (i % work.subscribers());
            context.runOnContext(_ -> send(client, number, body).onComplete(answer -> {
                if (answer.failed()) {
                    failed.increment();
                } else {
                    times.recordValue(Math.min(LONGEST_NS, Math.max(1, System.nanoTime() - due)));
                }
                done.increment();
            }));
        }
        awaitAll(done, all, perSecond);
        return new Outcome(times, failed.sum());
    }

    private static void awaitAll(LongAdder done, long all, double perSecond) {
        long until = System.nanoTime() + PATIENCE_NS;
        while (done.sum() < all) {
            if (System.nanoTime() > until) {
                throw new BenchException("requests are not answered at " + perSecond + " a second");
            }
            LockSupport.parkNanos(NANOS / 100);
        }
    }

    private static void awaitTime(long due) {
        long left = due - System.nanoTime();
        while (left > 0) {
            LockSupport.parkNanos(left);
            left = due - System.nanoTime();
        }
    }

    private Future<Buffer> send(HttpClient client, int number, Buffer body) {
        return client.request(new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setHost("127.0.0.1")
                        .setPort(work.port())
                        .setURI(work.path(number)))
                .compose(request ->
                        request.putHeader("content-type", "application/json").send(body))
                .compose(answer -> answer.statusCode() == 200
                        ? answer.body()
                        : Future.failedFuture("answered " + answer.statusCode()));
    }
}
