package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.access.AccessRules;
import org.kiln.kms.access.Principal;
import org.kiln.kms.api.Callers;
import org.kiln.kms.api.RequestBody;
import org.kiln.kms.api.Responses;
import org.kiln.kms.grpc.GrpcVectors;

/** What peers may do wrong at a listener, octet by octet, and that others are served meanwhile. */
class HostilePeersTest {

    private static final int LARGEST_BODY = 16 * 1024;
    private static final int ENHANCE_YOUR_CALM = 0xb;
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
    private static final String SHORT = "/nudm-ueau/v1/short";

    /** Paths of requests whose body was read to its end. */
    private static final List<String> SERVED = new CopyOnWriteArrayList<>();

    private static Vertx vertx;
    private static HttpListeners listeners;
    private static HttpListeners impatient;
    private static int port;

    /** Of a listener that waits half a second for anything. */
    private static int impatientPort;

    @BeforeAll
    static void listen() {
        vertx = Vertx.vertx();
        Callers callers = new Callers(new AccessRules(List.of()));
        KilnConfiguration.Listener anyPort = new KilnConfiguration.Listener("127.0.0.1", 0);
        listeners = new HttpListeners(vertx, callers, HostilePeersTest::serve);
        port = listeners.startLab(anyPort);
        impatient =
                new HttpListeners(vertx, callers, HostilePeersTest::serve, new Patience.Limits(500, 500, 500, 500, 50));
        impatientPort = impatient.startLab(anyPort);
    }

    private static void serve(HttpServerRequest request, Principal caller) {
        RequestBody.read(request, LARGEST_BODY)
                .onSuccess(body -> {
                    SERVED.add(request.path());
                    request.response().end("served");
                })
                .onFailure(failure -> Responses.failure(request, failure));
    }

    @AfterAll
    static void stop() {
        listeners.close();
        impatient.close();
        vertx.close().await();
    }

    @BeforeEach
    void forget() {
        SERVED.clear();
    }

    private static Socket connect(int at) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), at);
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** Sends octets and reads all that comes until the connection is ended by the listener. */
    private static String exchange(int at, String octets) throws IOException {
        try (Socket socket = connect(at)) {
            socket.getOutputStream().write(octets.getBytes(StandardCharsets.ISO_8859_1));
            return rest(socket);
        }
    }

    private static String rest(Socket socket) throws IOException {
        StringBuilder read = new StringBuilder();
        try {
            for (int octet = socket.getInputStream().read();
                    octet >= 0;
                    octet = socket.getInputStream().read()) {
                read.append((char) octet);
            }
        } catch (SocketException e) {
            read.append("(reset)");
        }
        return read.toString();
    }

    private static void assertOthersAreServed() throws IOException {
        try (RawHttp2 other = new RawHttp2(port)) {
            other.write(
                    RawHttp2.HEADERS,
                    RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
                    1,
                    RawHttp2.post("/other", "content-length", "0"));
            assertThat(other.outcome(1)).map(RawHttp2.Frame::type).hasValue(RawHttp2.HEADERS);
        }
        assertThat(SERVED).contains("/other");
    }

    /** Each is the head of a request after its first lines; a second request lies where a body, or nothing, should be. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                "transfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n0\r\n\r\n",
                "content-length: 0\r\ncontent-length: 36\r\n\r\n",
                "content-length: 36\r\ncontent-length: 0\r\n\r\n",
                "content-length: 0, 36\r\n\r\n",
                "content-length: +0\r\n\r\n",
                "content-length: 0x0\r\n\r\n",
                "content-length: -1\r\n\r\n",
                "content-length: 0 0\r\n\r\n",
                "content-length : 36\r\n\r\n",
                "content-length: 36\r\n folded: 0\r\n\r\n",
                "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
                "transfer-encoding: identity\r\n\r\n",
                "transfer-encoding: xchunked\r\n\r\n",
                "transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
                "transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
                "transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
                "transfer-encoding: \u000bchunked\r\n\r\n0\r\n\r\n",
                "transfer-encoding: chunked\r\n\r\n0;\n\r\n\r\n",
                "transfer-encoding: chunked\r\n\r\n0;a=b\rX\n\r\n",
                "transfer-encoding: chunked\r\n\r\n0\n\n",
                "transfer-encoding: chunked\r\n\r\n-0\r\n\r\n",
                "transfer-encoding: chunked\r\n\r\n0x0\r\n\r\n",
                "transfer-encoding: chunked\r\n\r\n100000000\r\n",
                "x: a\rtransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                "x: a\u0000\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                "transfer-encoding: chunked\n\n0\r\n\r\n",
                "content-length: 0\n content-length: 36\n\n",
                "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n"
                        + "content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
            })
    void noSecondRequestIsServedFromABody(String rest) throws IOException {
        String answers = exchange(
                impatientPort,
                "POST /first HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n" + rest + SMUGGLED);
        assertThat(SERVED).as(answers).doesNotContain("/smuggled");
    }

    @Test
    void aBodyThatIsReadToItsEndIsFollowedByTheNextRequest() throws IOException {
        String post = "POST /first HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n";
        exchange(port, post + "\r\n{}" + post.replace("first", "second") + "connection: close\r\n\r\n{}");
        assertThat(SERVED).containsExactly("/first", "/second");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "content-length: 0\r\nconnection: close\r\nx: %s",
                "content-length: 17000\r\nconnection: close\r\n\r\n%s",
                "transfer-encoding: chunked\r\n\r\n4268\r\n%s\r\n0\r\n\r\n"
            })
    void whatIsTooLargeIsRefused(String rest) throws IOException {
        String answer = exchange(
                port,
                "POST /large HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                        + rest.formatted("x".repeat(17_000)) + "\r\n\r\n");
        assertThat(answer).matches("(?s)HTTP/1.1 4(00|13|31) .*");
        assertThat(SERVED).isEmpty();
    }

    @Test
    void aLengthBeyondReasonIsRefusedBeforeTheBodyComes() throws IOException {
        String answer = exchange(
                impatientPort,
                "POST /large HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n{");
        assertThat(answer).startsWith("HTTP/1.1 413 ");
        assertThat(SERVED).isEmpty();
    }

    @Test
    void manySmallHeadersAreTooMany() throws IOException {
        String answer = exchange(port, "GET / HTTP/1.1\r\n" + "a: b\r\n".repeat(5_000) + "\r\n");
        assertThat(answer).matches("(?s)HTTP/1.1 4(00|31) .*");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /slow HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{",
                "POST " + SHORT
                        + " HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{",
                "POST /slow HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{"
            })
    void whoIsTooSlowIsDisconnected(String octets) throws IOException {
        exchange(impatientPort, octets);
        assertThat(SERVED).isEmpty();
    }

    @Test
    void aSlowBodyCostsItsStreamOnly() throws IOException {
        try (RawHttp2 peer = new RawHttp2(impatientPort)) {
            peer.write(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.post(SHORT))
                    .write(RawHttp2.DATA, 0, 1, "{".getBytes(StandardCharsets.US_ASCII));
            assertThat(peer.outcome(1)).map(RawHttp2.Frame::type).hasValue(RawHttp2.RST_STREAM);
            peer.write(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 3, RawHttp2.post("/next"));
            assertThat(peer.outcome(3)).map(RawHttp2.Frame::type).hasValue(RawHttp2.HEADERS);
        }
        assertThat(SERVED).containsExactly("/next");
    }

    private static void assertRefused(byte[] block, byte[] data) throws IOException {
        try (RawHttp2 peer = new RawHttp2(port)) {
            peer.write(RawHttp2.HEADERS, RawHttp2.END_HEADERS | (data.length == 0 ? RawHttp2.END_STREAM : 0), 1, block);
            if (data.length > 0) {
                peer.write(RawHttp2.DATA, RawHttp2.END_STREAM, 1, data);
            }
            Optional<RawHttp2.Frame> outcome = peer.outcome(1);
            assertThat(SERVED).as("%s", outcome).isEmpty();
        }
    }

    @Test
    void headersThatHttp2ForbidsAreRefused() throws IOException {
        byte[] none = {};
        String[][] forbidden = {
            {"transfer-encoding", "chunked"},
            {"connection", "keep-alive"},
            {"keep-alive", "1"},
            {"proxy-connection", "close"},
            {"upgrade", "h2c"},
            {"te", "gzip"},
            {"X-Upper", "1"},
            {":path", "/again"},
            {":unknown", "1"},
            {":status", "200"},
        };
        for (String[] header : forbidden) {
            assertRefused(RawHttp2.post("/forbidden-" + header[0] + "=" + header[1], header), none);
        }
        assertRefused(RawHttp2.block(":method", "POST", ":scheme", "http", ":authority", "x"), none);
        assertRefused(RawHttp2.block(":method", "POST", ":path", "/", ":authority", "x"), none);
        assertRefused(RawHttp2.block(":scheme", "http", ":path", "/", ":authority", "x"), none);
    }

    @Test
    void aContentLengthThatIsNotTheDatasIsRefused() throws IOException {
        assertRefused(RawHttp2.post("/longer", "content-length", "3"), "{}".getBytes(StandardCharsets.US_ASCII));
        assertRefused(RawHttp2.post("/shorter", "content-length", "1"), "{}".getBytes(StandardCharsets.US_ASCII));
        assertRefused(RawHttp2.post("/none", "content-length", "1"), new byte[0]);
        assertRefused(
                RawHttp2.post("/two", "content-length", "2", "content-length", "1"),
                "{}".getBytes(StandardCharsets.US_ASCII));
    }

    private static void assertCalmed(RawHttp2 peer) throws IOException {
        for (Optional<RawHttp2.Frame> read = peer.next(); read.isPresent(); read = peer.next()) {
            if (read.get().type() == RawHttp2.GOAWAY) {
                assertThat(read.get().error())
                        .as("GOAWAY %s", new String(read.get().payload(), StandardCharsets.ISO_8859_1))
                        .isEqualTo(ENHANCE_YOUR_CALM);
            }
        }
        assertOthersAreServed();
    }

    @Test
    void streamsThatAreResetAtOnceEndTheConnection() throws IOException {
        try (RawHttp2 peer = new RawHttp2(port)) {
            boolean ended = false;
            for (int i = 0; i < 3_000 && !ended; i++) {
                int stream = 2 * i + 1;
                byte[] headers =
                        RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, RawHttp2.post("/reset"));
                byte[] reset = RawHttp2.frame(
                        RawHttp2.RST_STREAM,
                        0,
                        stream,
                        ByteBuffer.allocate(4).putInt(8).array());
                ended = peer.isEndedBy(headers, 1) || peer.isEndedBy(reset, 1);
            }
            assertCalmed(peer);
        }
    }

    @Test
    void streamsThatTheListenerHasToResetEndTheConnection() throws IOException {
        try (RawHttp2 peer = new RawHttp2(port)) {
            boolean ended = false;
            for (int i = 0; i < 3_000 && !ended; i++) {
                int stream = 2 * i + 1;
                byte[] headers =
                        RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, RawHttp2.post("/reset"));
                byte[] wrong = RawHttp2.frame(RawHttp2.WINDOW_UPDATE, 0, stream, new byte[4]);
                ended = peer.isEndedBy(headers, 1) || peer.isEndedBy(wrong, 1);
            }
            assertCalmed(peer);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_000})
    void headersWithoutEndEndTheConnection(int length) throws IOException {
        try (RawHttp2 peer = new RawHttp2(impatientPort)) {
            peer.write(RawHttp2.HEADERS, 0, 1, RawHttp2.post("/endless"));
            byte[] more = new byte[length];
            peer.isEndedBy(RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, more), 100_000);
            assertThat(peer.outcome(1)).map(RawHttp2.Frame::type).isNotEqualTo(Optional.of(RawHttp2.HEADERS));
            assertOthersAreServed();
        }
        assertThat(SERVED).doesNotContain("/endless");
    }

    @Test
    void aHeaderListThatIsTooLargeIsRefused() throws IOException {
        String[] many = new String[2_000];
        for (int i = 0; i < many.length; i += 2) {
            many[i] = "a" + i;
            many[i + 1] = "b";
        }
        assertRefused(RawHttp2.post("/many", many), new byte[0]);
        assertOthersAreServed();
    }

    @ParameterizedTest
    @ValueSource(ints = {RawHttp2.PING, RawHttp2.SETTINGS})
    void whoAsksAndNeverReadsIsDisconnected(int type) throws IOException {
        try (RawHttp2 peer = new RawHttp2(port)) {
            byte[] one = RawHttp2.frame(type, 0, 0, type == RawHttp2.PING ? new byte[8] : new byte[0]);
            byte[] thousand = new byte[1_000 * one.length];
            for (int at = 0; at < thousand.length; at += one.length) {
                System.arraycopy(one, 0, thousand, at, one.length);
            }
            assertThat(peer.isEndedBy(thousand, 5_000)).isTrue();
        }
        assertOthersAreServed();
    }

    @Test
    void dataWithoutOctetsIsNotTakenForLong() throws IOException {
        try (RawHttp2 peer = new RawHttp2(port)) {
            peer.write(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.post("/nothing"));
            peer.isEndedBy(RawHttp2.frame(RawHttp2.DATA, 0, 1, new byte[0]), 10_000);
            assertCalmed(peer);
        }
    }

    @Test
    void moreStreamsThanAllowedAreRefused() throws IOException {
        try (RawHttp2 peer = new RawHttp2(port)) {
            for (int i = 0; i <= 1_000; i++) {
                peer.write(
                        RawHttp2.HEADERS,
                        RawHttp2.END_HEADERS,
                        2 * i + 1,
                        RawHttp2.post(GrpcVectors.PREFIX + "StreamVectors"));
            }
            Optional<RawHttp2.Frame> outcome = peer.outcome(2_001);
            assertThat(outcome).map(RawHttp2.Frame::type).hasValue(RawHttp2.RST_STREAM);
            assertThat(outcome).map(RawHttp2.Frame::error).hasValue(0x7);
        }
        assertOthersAreServed();
    }
}
