package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.personalisation.server.KnownCards.Card;

/** A node that is told to stop under load answers every request that it took. */
class DrainOfANodeTest {

    private static final int CARDS = 30;
    private static final int AT_A_TIME = 64;
    private static final int BEFORE = 2_000;

    @TempDir
    private Path folder;

    private final AtomicInteger answered = new AtomicInteger();
    private final Map<String, AtomicInteger> failures = new ConcurrentHashMap<>();
    private final CountDownLatch callers = new CountDownLatch(AT_A_TIME);
    private final CountDownLatch busy = new CountDownLatch(BEFORE);

    @Test
    void answersWhatItTook() throws Exception {
        String data = folder.resolve("data").toString();
        KilnProcess.succeed("init", "--data", data);
        List<Card> cards = KnownCards.load(folder, data, CARDS);
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        try (KilnProcess kiln =
                KilnProcess.up(folder.resolve("kiln.log"), "--data", data, "--port", "0", "--lab", "--lab-port", "0")) {
            HttpClient client = vertx.createHttpClient(
                    new HttpClientOptions()
                            .setProtocolVersion(HttpVersion.HTTP_2)
                            .setHttp2ClearTextUpgrade(false),
                    new PoolOptions().setHttp2MaxSize(2));
            Context context = vertx.getOrCreateContext();
            IntStream.range(0, AT_A_TIME)
                    .forEach(caller -> context.runOnContext(_ -> call(client, kiln.lab(), cards, caller)));
            assertThat(busy.await(2, TimeUnit.MINUTES)).isTrue();

            assertThat(kiln.stop()).isZero();
            assertThat(callers.await(1, TimeUnit.MINUTES)).isTrue();
        } finally {
            vertx.close().await();
        }
        assertThat(failures).as("of " + answered + " answered").isEmpty();
    }

    /** Asks until the node takes no more connections. */
    private void call(HttpClient client, String lab, List<Card> cards, int number) {
        String[] place = lab.split(":", 2);
        client.request(new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setHost(place[0])
                        .setPort(Integer.parseInt(place[1]))
                        .setURI(cards.get(number % CARDS).request(lab, 2).uri().getPath()))
                .compose(request ->
                        request.putHeader("content-type", "application/json").send(KnownCards.body(2)))
                .compose(answer -> answer.statusCode() == 200
                        ? answer.body()
                        : Future.failedFuture("answered " + answer.statusCode()))
                .onComplete(done -> {
                    if (done.succeeded()) {
                        answered.incrementAndGet();
                        busy.countDown();
                        call(client, lab, cards, number + AT_A_TIME);
                    } else {
                        if (!(done.cause() instanceof ConnectException)) {
                            failures.computeIfAbsent(String.valueOf(done.cause()), _ -> new AtomicInteger())
                                    .incrementAndGet();
                        }
                        callers.countDown();
                    }
                });
    }
}
