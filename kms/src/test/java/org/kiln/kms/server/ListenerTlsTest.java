package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.auc.v1.VectorKind;
import org.kiln.auc.v1.VectorRequest;
import org.kiln.kms.lab.LabAuthority;

/** A TLS listener with revocation lists and callers with limits; its files change while it serves. */
@TestMethodOrder(OrderAnnotation.class)
class ListenerTlsTest {

    private static final String EVENTS = "/nudm-ueau/v1/imsi-001010000000001/auth-events";
    private static final String IMS = "/hss-security-information/ims-aka/generate-av";

    @TempDir
    private static Path folder;

    private static ListeningNode node;
    private static Path pki;

    @BeforeAll
    static void open() throws Exception {
        pki = folder.resolve("node").resolve("pki");
        node = new ListeningNode(folder.resolve("node"), """

                tls:
                  versions: [TLSv1.3, TLSv1.2]
                  authorities: pki/ca.pem
                  crl: pki/crl.pem
                  certificate: ""
                """);
    }

    @AfterAll
    static void close() {
        node.close();
    }

    private static HttpResponse<String> get(HttpClient client, String path) throws Exception {
        return client.send(HttpRequest.newBuilder(node.at(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(HttpClient client, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(node.at(path))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String cause(HttpResponse<String> answer) {
        return new JsonObject(answer.body()).getString("cause");
    }

    @Test
    @Order(1)
    void whoIsCertifiedAndNotKnownMayNothing() throws Exception {
        try (HttpClient stranger = node.withCertificate("stranger")) {
            HttpResponse<String> answer = get(stranger, "/");
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(cause(answer)).isEqualTo("CALLER_UNKNOWN");
        }
    }

    @Test
    @Order(2)
    void aCallerIsHeldToHisNetworkAndToHisLimit() throws Exception {
        try (HttpClient slow = node.withCertificate("slow")) {
            HttpResponse<String> foreign = post(slow, "/nudm-ueau/v1/imsi-262010000000001" + IMS);
            assertThat(foreign.statusCode()).isEqualTo(403);
            assertThat(cause(foreign)).isEqualTo("FOREIGN_SUBSCRIBER");
            HttpResponse<String> event = post(slow, EVENTS);
            assertThat(event.statusCode()).isEqualTo(403);
            assertThat(cause(event)).isEqualTo("ROLE_NEEDED");
            assertThat(get(slow, "/").body()).isEqualTo("reached");
            HttpResponse<String> tooOften = post(slow, "/nudm-ueau/v1/imsi-001010000000001" + IMS);
            for (int each = 0; tooOften.statusCode() != 429 && each < 1_000; each++) {
                tooOften = get(slow, "/");
            }
            assertThat(tooOften.statusCode()).isEqualTo(429);
            assertThat(cause(tooOften)).isEqualTo("NF_CONGESTION_RISK");
            assertThat(tooOften.headers().firstValue("retry-after")).hasValue("1");
            assertThat(grpcStatus(slow)).isEqualTo("8");
        }
    }

    private static String grpcStatus(HttpClient client) throws Exception {
        byte[] message = VectorRequest.newBuilder()
                .setSupi("imsi-001010000000001")
                .setKind(VectorKind.VECTOR_KIND_UMTS)
                .build()
                .toByteArray();
        byte[] framed = new byte[5 + message.length];
        framed[4] = (byte) message.length;
        System.arraycopy(message, 0, framed, 5, message.length);
        HttpResponse<byte[]> answer = null;
        for (int each = 0; each < 1_000; each++) {
            answer = client.send(
                    HttpRequest.newBuilder(node.at("/kiln.auc.v1.AuthenticationCentre/GetVectors"))
                            .header("content-type", "application/grpc")
                            .header("te", "trailers")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(framed))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            if (answer.headers().firstValue("grpc-status").isPresent()) {
                return answer.headers().firstValue("grpc-status").get();
            }
        }
        return "never refused";
    }

    private static void awaitOpen(int calls) throws Exception {
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (node.caller("narrow").open() != calls && System.nanoTime() < patience) {
            Thread.sleep(10);
        }
        assertThat(node.caller("narrow").open()).isEqualTo(calls);
    }

    /** Answered, given up by the caller, or cut off: a call is counted out once. */
    @Test
    @Order(2)
    void openCallsAreCountedOutHoweverTheyEnd() throws Exception {
        SSLContext context = TlsContexts.as(node.authority(), node.authority().newClient("narrow"));
        for (HttpClient.Version version : HttpClient.Version.values()) {
            HttpClient client =
                    HttpClient.newBuilder().version(version).sslContext(context).build();
            HttpRequest held = HttpRequest.newBuilder(node.at("/hold")).build();
            for (int each = 0; each < 5; each++) {
                assertThat(get(client, "/").body()).isEqualTo("reached");
            }
            assertThat(post(client, "/nudm-ueau/v1/imsi-001010000000001" + IMS).statusCode())
                    .isEqualTo(400);
            awaitOpen(0);
            var first = client.sendAsync(held, HttpResponse.BodyHandlers.ofString());
            var second = client.sendAsync(held, HttpResponse.BodyHandlers.ofString());
            awaitOpen(2);
            HttpResponse<String> third = get(client, "/");
            assertThat(third.statusCode()).isEqualTo(503);
            assertThat(cause(third)).isEqualTo("NF_CONGESTION");
            assertThat(third.headers().firstValue("retry-after")).hasValue("1");
            first.cancel(true);
            awaitOpen(1);
            client.shutdownNow();
            awaitOpen(0);
            assertThat(second).failsWithin(Duration.ofSeconds(30));
        }
    }

    @Test
    @Order(3)
    void aRequestIsKnownInTheLogByItsIdAndItsCallersTrace() throws Exception {
        HttpRequest traced = HttpRequest.newBuilder(node.at("/labels"))
                .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                .header("x-request-id", "asked-9")
                .build();
        SSLContext context = TlsContexts.as(node.authority(), LabAuthority.client(pki, "narrow"));
        for (HttpClient.Version version : HttpClient.Version.values()) {
            try (HttpClient client =
                    HttpClient.newBuilder().version(version).sslContext(context).build()) {
                assertThat(client.send(traced, HttpResponse.BodyHandlers.ofString())
                                .body())
                        .isEqualTo("{parent_id=b7ad6b7169203331, request_id=asked-9,"
                                + " trace_id=0af7651916cd43dd8448eb211c80319c}");
            }
        }
    }

    private static String protocol(String version, String... suites) throws Exception {
        SSLContext context = TlsContexts.as(node.authority(), LabAuthority.client(pki, "slow"));
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", node.port())) {
            socket.setEnabledProtocols(new String[] {version});
            if (suites.length > 0) {
                socket.setEnabledCipherSuites(suites);
            }
            socket.startHandshake();
            return socket.getSession().getProtocol();
        }
    }

    @Test
    @Order(3)
    void anOldPeerGetsWhatIsGoodOfTheOldVersion() throws Exception {
        assertThat(protocol("TLSv1.3")).isEqualTo("TLSv1.3");
        assertThat(protocol("TLSv1.2")).isEqualTo("TLSv1.2");
        assertThatThrownBy(() -> protocol("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"))
                .isInstanceOf(SSLException.class);
    }

    /** Waits for a connection to end, which a client learns when it next uses it. */
    private static boolean isTurnedAway(HttpClient client) throws Exception {
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() < patience) {
            try {
                assertThat(get(client, "/").statusCode()).isEqualTo(200);
            } catch (IOException e) {
                return true;
            }
        }
        return false;
    }

    @Test
    @Order(4)
    void whoIsRevokedIsCutOffAndDoesNotComeBack() throws Exception {
        try (HttpClient ausf = node.withCertificate("ausf")) {
            var first = LabAuthority.client(pki, "ausf");
            Path kept = folder.resolve("first.pem");
            Files.copy(first.certificate(), kept);
            assertThat(get(ausf, "/").body()).isEqualTo("reached");
            Files.writeString(pki.resolve("crl.pem"), "nonsense");
            node.lookAtFiles();
            assertThat(get(ausf, "/").body()).isEqualTo("reached");
            Files.delete(pki.resolve("crl.pem"));
            node.authority().revoke(LabAuthority.readCertificate(kept));
            node.lookAtFiles();
            assertThat(isTurnedAway(ausf)).isTrue();
            assertThatThrownBy(() -> get(ausf, "/")).isInstanceOf(IOException.class);
        }
        Files.delete(LabAuthority.client(pki, "ausf").key());
        try (HttpClient again = node.withCertificate("ausf")) {
            assertThat(get(again, "/").body()).isEqualTo("reached");
        }
    }

    @Test
    @Order(5)
    void anAuthorityThatIsAddedIsTrustedAndSoAreItsListsAwaited() throws Exception {
        LabAuthority other = LabAuthority.create(folder.resolve("other"));
        SSLContext known = TlsContexts.as(node.authority(), other.newClient("ausf"));
        try (HttpClient before = ListeningNode.client(known)) {
            assertThatThrownBy(() -> get(before, "/")).isInstanceOf(IOException.class);
        }
        Files.write(pki.resolve("ca.pem"), Files.readAllBytes(other.certificateFile()), StandardOpenOption.APPEND);
        node.lookAtFiles();
        try (HttpClient without = ListeningNode.client(known)) {
            assertThatThrownBy(() -> get(without, "/")).isInstanceOf(IOException.class);
        }
        Path list = other.revoke(
                LabAuthority.readCertificate(other.newClient("nobody").certificate()));
        Files.write(pki.resolve("crl.pem"), Files.readAllBytes(list), StandardOpenOption.APPEND);
        node.lookAtFiles();
        try (HttpClient after = ListeningNode.client(known)) {
            assertThat(get(after, "/").body()).isEqualTo("reached");
        }
    }
}
