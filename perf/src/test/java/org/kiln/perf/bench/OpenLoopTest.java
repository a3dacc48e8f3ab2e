package org.kiln.perf.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that stands still shows in the times of all requests that were due meanwhile, not of one. */
class OpenLoopTest {

    private static final int PAUSE_MS = 400;
    private static final int PER_SECOND = 500;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private int serve(int pauseAt, int status) {
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = vertx.createHttpServer().requestHandler(request -> {
            int number = requests.incrementAndGet();
            if (number == pauseAt) {
                try {
                    Thread.sleep(PAUSE_MS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            request.response().setStatusCode(status).end("{}");
        });
        return server.listen(0, "127.0.0.1").await().actualPort();
    }

    @Test
    void countsFromWhenARequestWasDue() {
        int port = serve(PER_SECOND + PER_SECOND / 4, 200);
        OpenLoop.Outcome outcome = new OpenLoop(H2Load.Work.eps(port, 10, 1), 1).at(PER_SECOND);
        assertThat(outcome.failed()).isZero();
        assertThat(outcome.times().getTotalCount()).isEqualTo(PER_SECOND);
        assertThat(outcome.millis(100)).isGreaterThanOrEqualTo(PAUSE_MS);
        // Of 200 requests that were due while it stood still, half waited for more than half of the time.
        assertThat(outcome.times().getCountBetweenValues(PAUSE_MS * 500_000L, Long.MAX_VALUE))
                .isGreaterThanOrEqualTo(PER_SECOND * PAUSE_MS / 1000 / 2 - 1);
    }

    @Test
    void countsWhatIsNotAnswered() {
        OpenLoop.Outcome outcome = new OpenLoop(H2Load.Work.eps(serve(0, 503), 10, 1), 1).at(PER_SECOND);
        assertThat(outcome.failed()).isEqualTo(PER_SECOND);
        assertThat(outcome.times().getTotalCount()).isZero();
    }
}
