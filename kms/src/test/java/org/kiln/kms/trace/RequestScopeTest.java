package org.kiln.kms.trace;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.MDC;

class RequestScopeTest {

    private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private final LoggerContext logging = new LoggerContext();
    private final List<Map<String, String>> labels = new CopyOnWriteArrayList<>();
    private final Logger log = logging.getLogger("test");
    private final Vertx vertx = Vertx.vertx();
    private HttpServer server;

    @BeforeEach
    void begin() {
        logging.setMDCAdapter(MDC.getMDCAdapter());
        RequestLabelsFilter filter = new RequestLabelsFilter();
        filter.start();
        logging.addTurboFilter(filter);
        logging.getLogger("test").setLevel(Level.INFO);
        AppenderBase<ILoggingEvent> lines = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent line) {
                labels.add(line.getMDCPropertyMap());
            }
        };
        lines.start();
        logging.getLogger("test").addAppender(lines);
        server = vertx.createHttpServer()
                .requestHandler(this::serve)
                .listen(0, "127.0.0.1")
                .await();
    }

    @AfterEach
    void end() {
        vertx.close().await();
        logging.stop();
    }

    /** Logs on the event loop, on a worker and on a thread of its own, as a request's work does. */
    private void serve(HttpServerRequest request) {
        RequestScope.begin(request);
        if (request.path().equals("/silent")) {
            answer(request);
            return;
        }
        log.info("on the event loop");
        vertx.<String>executeBlocking(() -> {
                    log.info("on a worker");
                    return CompletableFuture.supplyAsync(RequestScope.carry(() -> {
                                log.info("on another thread");
                                return "done";
                            }))
                            .join();
                })
                .onComplete(done -> answer(request));
    }

    private static void answer(HttpServerRequest request) {
        request.response().end(RequestScope.loggedAs().orElse("not logged"));
    }

    private String get(String path, String... headers) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + path));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void everyLineOfARequestBearsItsIdAndItsTrace() throws Exception {
        assertThat(get("/", "traceparent", PARENT, "x-request-id", "asked-7")).isEqualTo("asked-7");
        assertThat(labels)
                .hasSize(3)
                .containsOnly(Map.of(
                        "request_id", "asked-7",
                        "trace_id", "0af7651916cd43dd8448eb211c80319c",
                        "parent_id", "b7ad6b7169203331"));
    }

    @Test
    void whoIsInNoTraceGetsAnIdOnly() throws Exception {
        String first = get("/");
        String second = get("/", "traceparent", PARENT.replace("00-", "ff-"), "x-request-id", "two\twords");
        assertThat(List.of(first, second)).doesNotHaveDuplicates().allMatch(id -> id.matches("[0-9a-f]{16}"));
        assertThat(labels)
                .containsExactly(
                        Map.of("request_id", first),
                        Map.of("request_id", first),
                        Map.of("request_id", first),
                        Map.of("request_id", second),
                        Map.of("request_id", second),
                        Map.of("request_id", second));
    }

    @Test
    void anIdThatMayHoldASupiIsNotTaken() throws Exception {
        assertThat(get("/", "x-request-id", "imsi-001010000000001")).matches("[0-9a-f]{16}");
        assertThat(get("/", "x-request-id", "3fa85f64-5717-4562-b3fc-2c963f66afa6"))
                .isEqualTo("3fa85f64-5717-4562-b3fc-2c963f66afa6");
    }

    @Test
    void twoTraceParentsAreNone() throws Exception {
        get("/", "traceparent", PARENT, "traceparent", PARENT);
        assertThat(labels).allMatch(each -> !each.containsKey("trace_id"));
    }

    @Test
    void ofWhatIsNotLoggedNothingIsFoundOutAndOtherLinesBearNone() throws Exception {
        assertThat(get("/silent", "x-request-id", "asked-8")).isEqualTo("not logged");
        log.info("of nobody's");
        assertThat(labels).containsExactly(Map.of());
    }
}
