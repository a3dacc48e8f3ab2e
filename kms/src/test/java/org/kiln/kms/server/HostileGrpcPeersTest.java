package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.auc.v1.VectorKind;
import org.kiln.auc.v1.VectorRequest;
import org.kiln.kms.access.AccessRules;
import org.kiln.kms.api.Callers;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.grpc.GrpcVectors;
import org.kiln.kms.provisioning.ScratchNode;

/** What a peer may do wrong in gRPC, octet by octet: how his call ends, and that others are served meanwhile. */
class HostileGrpcPeersTest {

    /** Of HEADERS: five octets of priority come before the block. */
    private static final int PRIORITY = 0x20;

    private static final String GET = "GetVectors";
    private static final String STREAM = "StreamVectors";

    private static final String RESOURCE_EXHAUSTED = "grpc-status 8";
    private static final String INVALID_ARGUMENT = "grpc-status 3";
    private static final String UNIMPLEMENTED = "grpc-status 12";
    private static final String INTERNAL = "grpc-status 13";

    @TempDir
    private static Path folder;

    private static ScratchNode node;
    private static AuthenticationCentre centre;
    private static Vertx vertx;
    private static HttpListeners listeners;
    private static HttpListeners impatient;
    private static int port;
    private static int impatientPort;

    @BeforeAll
    static void listen() throws Exception {
        node = new ScratchNode(folder);
        node.provision(2);
        centre = new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, 100);
        vertx = Vertx.vertx();
        GrpcVectors grpc = new GrpcVectors(vertx, centre, false);
        Callers callers = new Callers(new AccessRules(List.of()));
        KilnConfiguration.Listener anyPort = new KilnConfiguration.Listener("127.0.0.1", 0);
        listeners = new HttpListeners(vertx, callers, grpc::handle);
        port = listeners.startLab(anyPort);
        impatient = new HttpListeners(vertx, callers, grpc::handle, new Patience.Limits(500, 500, 500, 500, 50));
        impatientPort = impatient.startLab(anyPort);
    }

    @AfterAll
    static void stop() {
        listeners.close();
        impatient.close();
        vertx.close().await();
        centre.close();
        node.close();
    }

    private static final class Peer implements AutoCloseable {

        private final RawHttp2 http2;
        private final DefaultHttp2HeadersDecoder headers = new DefaultHttp2HeadersDecoder(false);

        Peer(int at) throws IOException {
            http2 = new RawHttp2(at);
        }

        Peer call(int stream, String method, String... more) throws IOException {
            byte[] first = RawHttp2.block(
                    ":method",
                    "POST",
                    ":scheme",
                    "http",
                    ":authority",
                    "x",
                    ":path",
                    GrpcVectors.PREFIX + method,
                    "te",
                    "trailers");
            byte[] second = RawHttp2.block(more.length == 0 ? new String[] {"content-type", "application/grpc"} : more);
            http2.write(
                    RawHttp2.HEADERS,
                    RawHttp2.END_HEADERS,
                    stream,
                    ByteBuffer.allocate(first.length + second.length)
                            .put(first)
                            .put(second)
                            .array());
            return this;
        }

        Peer data(int stream, byte[] octets) throws IOException {
            http2.write(RawHttp2.DATA, 0, stream, octets);
            return this;
        }

        Peer end(int stream, byte[] octets) throws IOException {
            http2.write(RawHttp2.DATA, RawHttp2.END_STREAM, stream, octets);
            return this;
        }

        /** How a call ends: with a status, by a reset with its error, or with the connection. */
        String outcome(int stream) throws IOException {
            for (Optional<RawHttp2.Frame> read = http2.next(); read.isPresent(); read = http2.next()) {
                RawHttp2.Frame frame = read.get();
                if (frame.type() == RawHttp2.GOAWAY) {
                    return "GOAWAY " + frame.error();
                }
                if (frame.type() == RawHttp2.HEADERS) {
                    Http2Headers decoded = decoded(frame);
                    if (frame.stream() == stream && (frame.flags() & RawHttp2.END_STREAM) != 0) {
                        return decoded.contains("grpc-status")
                                ? "grpc-status " + decoded.get("grpc-status")
                                : "HTTP " + decoded.status();
                    }
                }
                if (frame.type() == RawHttp2.RST_STREAM && frame.stream() == stream) {
                    return "RST_STREAM " + frame.error();
                }
            }
            return "the connection ended";
        }

        /** Every block is decoded, for each changes how the next is read. */
        private Http2Headers decoded(RawHttp2.Frame frame) throws IOException {
            int priority = (frame.flags() & PRIORITY) == 0 ? 0 : 5;
            try {
                return headers.decodeHeaders(
                        frame.stream(),
                        Unpooled.wrappedBuffer(frame.payload(), priority, frame.payload().length - priority));
            } catch (Http2Exception e) {
                throw new IOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            http2.close();
        }
    }

    private static byte[] message(int flag, int length, byte[] octets) {
        return ByteBuffer.allocate(5 + octets.length)
                .put((byte) flag)
                .putInt(length)
                .put(octets)
                .array();
    }

    private static byte[] good() {
        byte[] request = VectorRequest.newBuilder()
                .setId(1)
                .setSupi(ScratchNode.supi(0).value())
                .setKind(VectorKind.VECTOR_KIND_UMTS)
                .build()
                .toByteArray();
        return message(0, request.length, request);
    }

    private static byte[] gzip(int octets) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(new byte[octets]);
        }
        return zipped.toByteArray();
    }

    private static void assertOthersAreServed() throws IOException {
        try (Peer other = new Peer(port)) {
            assertThat(other.call(1, GET).end(1, good()).outcome(1)).isEqualTo("grpc-status 0");
        }
    }

    /** Sends one piece, and nothing after it. */
    private static String sent(String method, byte[] octets, boolean ending, String... headers) throws IOException {
        try (Peer peer = new Peer(port)) {
            peer.call(1, method, headers);
            return (ending ? peer.end(1, octets) : peer.data(1, octets)).outcome(1);
        } finally {
            assertOthersAreServed();
        }
    }

    @ParameterizedTest
    @CsvSource({"GetVectors, 4097", "StreamVectors, 4097", "GetVectors, 2147483647", "StreamVectors, 2147483647"})
    void aMessageThatSaysItIsTooLongIsRefusedBeforeItComes(String method, int length) throws IOException {
        assertThat(sent(method, message(0, length, new byte[0]), false)).isEqualTo(RESOURCE_EXHAUSTED);
        assertThat(sent(method, message(0, length, new byte[100]), true)).isEqualTo(RESOURCE_EXHAUSTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {GET, STREAM})
    void aLengthWithItsHighestBitIsNoNegativeOne(String method) throws IOException {
        assertThat(sent(method, message(0, -1, new byte[10]), false)).isEqualTo(RESOURCE_EXHAUSTED);
        assertThat(sent(method, message(0, Integer.MIN_VALUE, new byte[10]), true))
                .isEqualTo(RESOURCE_EXHAUSTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {GET, STREAM})
    void aCompressedMessageNeedsAnEncoding(String method) throws IOException {
        byte[] zipped = gzip(10);
        assertThat(sent(method, message(1, zipped.length, zipped), true)).isEqualTo(INTERNAL);
        assertThat(sent(
                        method,
                        message(1, zipped.length, zipped),
                        true,
                        "content-type",
                        "application/grpc",
                        "grpc-encoding",
                        "identity"))
                .isEqualTo(INTERNAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {GET, STREAM})
    void anEncodingThatNobodyKnowsIsNotImplemented(String method) throws IOException {
        byte[] octets = new byte[10];
        assertThat(sent(
                        method,
                        message(1, octets.length, octets),
                        true,
                        "content-type",
                        "application/grpc",
                        "grpc-encoding",
                        "x-none"))
                .isEqualTo(UNIMPLEMENTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {GET, STREAM})
    void nothingIsTakenCompressedForItMayBeLargeThen(String method) throws IOException {
        byte[] bomb = gzip(3_000_000);
        assertThat(bomb.length).isLessThan(4096);
        assertThat(sent(
                        method,
                        message(1, bomb.length, bomb),
                        true,
                        "content-type",
                        "application/grpc",
                        "grpc-encoding",
                        "gzip"))
                .isEqualTo(UNIMPLEMENTED);
        byte[] broken = {1, 2, 3};
        assertThat(sent(
                        method,
                        message(1, broken.length, broken),
                        true,
                        "content-type",
                        "application/grpc",
                        "grpc-encoding",
                        "gzip"))
                .isEqualTo(UNIMPLEMENTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {GET, STREAM})
    void aMessageThatIsCutOffIsRefused(String method) throws IOException {
        assertThat(sent(method, message(0, 100, new byte[10]), true)).isEqualTo(INVALID_ARGUMENT);
        assertThat(sent(method, new byte[] {0, 0, 0}, true)).isEqualTo(INVALID_ARGUMENT);
        assertThat(sent(method, new byte[] {0}, true)).isEqualTo(INVALID_ARGUMENT);
    }

    @Test
    void aUnaryCallHasOneMessage() throws IOException {
        assertThat(sent(GET, new byte[0], true)).isEqualTo(UNIMPLEMENTED);
        byte[] one = good();
        byte[] two = ByteBuffer.allocate(2 * one.length).put(one).put(one).array();
        assertThat(sent(GET, two, true)).isEqualTo(UNIMPLEMENTED);
        assertThat(sent(STREAM, new byte[0], true)).isEqualTo("grpc-status 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {GET, STREAM})
    void aFlagThatIsNoneIsRefused(String method) throws IOException {
        byte[] request = good();
        for (int flag : new int[] {2, 127, 255}) {
            request[0] = (byte) flag;
            assertThat(sent(method, request, true)).as("flag %d", flag).isEqualTo(INTERNAL);
        }
    }

    @Test
    void otherContentIsNotServed() throws IOException {
        for (String type : new String[] {
            "application/grpc-web",
            "application/grpc-web-text",
            "application/grpc+json",
            "application/grpc+x",
            "text/plain",
            ""
        }) {
            assertThat(sent(GET, good(), true, "content-type", type))
                    .as(type)
                    .isIn(UNIMPLEMENTED, "HTTP 415", "HTTP 404", "HTTP 500");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1", "S", "-1S", "1.5S", "99999999999999999999H", "123456789S", "1s"})
    void aTimeoutThatIsNoneHoldsNothingUp(String timeout) throws IOException {
        assertThat(sent(GET, good(), true, "content-type", "application/grpc", "grpc-timeout", timeout))
                .isIn("grpc-status 0", INVALID_ARGUMENT, "HTTP 400");
    }

    @Test
    void aUnaryCallWhoseMessageDoesNotComeIsEnded() throws IOException {
        try (Peer peer = new Peer(impatientPort)) {
            assertThat(peer.call(1, GET).data(1, message(0, 100, new byte[10])).outcome(1))
                    .isEqualTo("RST_STREAM 8");
            assertThat(peer.call(3, GET).end(3, good()).outcome(3)).isEqualTo("grpc-status 0");
        }
    }

    @Test
    void aStreamMayLast() throws Exception {
        try (Peer peer = new Peer(impatientPort)) {
            peer.call(1, STREAM).data(1, good());
            Thread.sleep(1_200);
            assertThat(peer.end(1, good()).outcome(1)).isEqualTo("grpc-status 0");
        }
    }

    @Test
    void manyStreamsThatNeverEndHoldUpNobody() throws IOException {
        try (Peer peer = new Peer(port)) {
            for (int i = 0; i < 1_000; i++) {
                peer.call(2 * i + 1, STREAM).data(2 * i + 1, message(0, 4_000, new byte[1]));
            }
            assertOthersAreServed();
            assertThat(peer.call(2_001, STREAM).outcome(2_001)).isEqualTo("RST_STREAM 7");
            assertOthersAreServed();
        }
    }

    /** Each is a request for nothing, in five octets. */
    @Test
    void messagesWithoutOctetsAreAnsweredEach() throws IOException {
        byte[] thousand = new byte[5_000];
        try (Peer peer = new Peer(port)) {
            peer.call(1, STREAM);
            for (int i = 0; i < 10; i++) {
                peer.data(1, thousand);
            }
            assertOthersAreServed();
            peer.http2.write(RawHttp2.WINDOW_UPDATE, 0, 0, new byte[] {0x10, 0, 0, 0});
            peer.http2.write(RawHttp2.WINDOW_UPDATE, 0, 1, new byte[] {0x10, 0, 0, 0});
            assertThat(peer.end(1, new byte[0]).outcome(1)).isEqualTo("grpc-status 0");
        }
    }
}
