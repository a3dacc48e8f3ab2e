package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.kms.access.Principal;
import org.kiln.kms.access.Refusal;

/** Callers with good certificates and bad manners, at the TLS listener. */
class AbusedListenerTest {

    private static final String FIVE_G = "{\"servingNetworkName\":\"5G:mnc001.mcc001.3gppnetwork.org\","
            + "\"ausfInstanceId\":\"3fa85f64-5717-4562-b3fc-2c963f66afa6\"}";

    @TempDir
    private static Path folder;

    private static ListeningNode node;
    private static SSLContext ausf;

    @BeforeAll
    static void open() throws Exception {
        node = new ListeningNode(folder.resolve("node"), """

                anomalies:
                  windowSeconds: 3600
                  requestsOfOneSubscriber: 600
                  unknownSubscribersOfOneCaller: 5
                  lockOutSeconds: 300
                """);
        ausf = TlsContexts.as(node.authority(), node.authority().newClient("ausf"));
    }

    @AfterAll
    static void close() {
        node.close();
    }

    private static HttpResponse<String> ask(HttpClient client, int number) throws Exception {
        return client.send(
                HttpRequest.newBuilder(node.at("/nudm-ueau/v1/imsi-00101%010d/security-information/generate-auth-data"
                                .formatted(number)))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(FIVE_G))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static List<String> audited(String act) {
        return node.node().database().read(connection -> {
            try (var rows = connection
                    .createStatement()
                    .executeQuery("select actor, object, detail from audit_entry where act = '" + act + "'")) {
                List<String> entries = new ArrayList<>();
                while (rows.next()) {
                    entries.add(rows.getString(1) + " " + rows.getString(2) + " " + rows.getString(3));
                }
                return entries;
            }
        });
    }

    @Test
    void whoGoesThroughNumbersIsLockedOutUntilAnOperatorLetsHimIn() throws Exception {
        Principal caller = node.caller("nf-scanner");
        try (HttpClient scanner = node.withCertificate("nf-scanner");
                HttpClient other = node.withCertificate("slow")) {
            int answered = 0;
            while (ask(scanner, answered).statusCode() == 404) {
                answered++;
            }
            assertThat(answered).isBetween(5, 20);
            HttpResponse<String> refused = ask(scanner, 0);
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(new JsonObject(refused.body()).getString("cause")).isEqualTo("NF_CONGESTION_RISK");
            assertThat(refused.headers().firstValueAsLong("retry-after").orElseThrow())
                    .isBetween(1L, 300L);
            assertThat(caller.refused(Refusal.LOCKED_OUT)).isEqualTo(2);
            assertThat(ask(other, 0).statusCode()).as("others").isNotEqualTo(429);
            assertThat(node.abuse().lift(caller, "operator")).isTrue();
            assertThat(node.abuse().lift(caller, "operator")).isFalse();
            assertThat(ask(scanner, 0).statusCode()).isEqualTo(404);
        }
        assertThat(audited("CALLER_UNLOCKED")).containsExactly("operator caller/nf-scanner at node 0");
        for (int i = 0; audited("CALLER_SCANS").isEmpty() && i < 200; i++) {
            Thread.sleep(50);
        }
        assertThat(audited("CALLER_SCANS")).containsExactly("kiln caller/nf-scanner locked out for 300 s at node 0");
    }

    private static SSLSocket connect(String protocol) throws IOException {
        SSLSocket socket = (SSLSocket) ausf.getSocketFactory().createSocket("127.0.0.1", node.impatientPort());
        socket.setSoTimeout(20_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** The listener ends the connection, by whatever means; else reading times out. */
    private static void assertEnds(Socket socket, String octets) throws IOException {
        try {
            socket.getOutputStream().write(octets.getBytes(StandardCharsets.ISO_8859_1));
            socket.getInputStream().readAllBytes();
        } catch (SocketException | SSLException e) {
            assertThat(e).hasMessageMatching("(?s).*(reset|closed|abort|terminated|Broken pipe).*");
        }
    }

    private static String settings() {
        return new String(RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]), StandardCharsets.ISO_8859_1);
    }

    static Stream<Arguments> silent() {
        return Stream.of(
                Arguments.of("http/1.1", ""),
                Arguments.of("http/1.1", "GET /slow HTTP/1.1\r\nhost:"),
                Arguments.of("h2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings()));
    }

    @ParameterizedTest
    @MethodSource("silent")
    void whoseFirstRequestDoesNotComeIsDisconnected(String protocol, String octets) throws IOException {
        try (SSLSocket socket = connect(protocol)) {
            assertEnds(socket, octets);
        }
    }

    @Test
    void whoDoesNotShakeHandsIsDisconnected() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.impatientPort())) {
            socket.setSoTimeout(20_000);
            assertEnds(socket, "");
        }
    }

    @Test
    void whoHasTooManyConnectionsGetsNoMore() throws Exception {
        Principal caller = node.caller("narrow");
        int more = 0;
        while (caller.connected()) {
            more++;
        }
        assertThat(more).isEqualTo(1_000);
        SSLContext narrow = TlsContexts.as(node.authority(), node.authority().newClient("narrow"));
        String request = "GET /x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        for (String answered : new String[] {"", "reached"}) {
            try (SSLSocket socket = (SSLSocket) narrow.getSocketFactory().createSocket("127.0.0.1", node.port())) {
                socket.setSoTimeout(20_000);
                String answer;
                try {
                    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                    answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                } catch (SocketException | SSLException e) {
                    answer = "";
                }
                assertThat(answer).endsWith(answered);
                assertThat(answer.isEmpty()).isEqualTo(answered.isEmpty());
            }
            caller.disconnected();
        }
        assertThat(caller.refused(Refusal.CONNECTIONS)).isEqualTo(2);
    }
}
