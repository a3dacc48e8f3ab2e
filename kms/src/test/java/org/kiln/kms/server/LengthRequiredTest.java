package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies of unknown length at the TLS listener, in HTTP/1.1 written by hand (RFC 9110 clause 15.5.12) and in HTTP/2. */
class LengthRequiredTest {

    private static final String GENERATE = "/nudm-ueau/v1/imsi-001010000000001/security-information/generate-auth-data";
    private static final String SUBSCRIPTION =
            "/nudr-dr/v2/subscription-data/imsi-001010000000001/authentication-data/authentication-subscription";
    private static final String FIVE_G = "{\"servingNetworkName\":\"5G:mnc001.mcc001.3gppnetwork.org\","
            + "\"ausfInstanceId\":\"3fa85f64-5717-4562-b3fc-2c963f66afa6\"}";

    @TempDir
    private static Path folder;

    private static ListeningNode node;
    private static SSLContext ausf;

    @BeforeAll
    static void open() throws Exception {
        node = new ListeningNode(folder.resolve("node"), "");
        ausf = TlsContexts.as(node.authority(), node.authority().newClient("ausf"));
    }

    @AfterAll
    static void close() {
        node.close();
    }

    private record Answer(int status, JsonObject body) {}

    /** Sends requests on one connection, one after the other, and reads their answers. */
    private static List<Answer> exchange(String... requests) throws Exception {
        List<Answer> answers = new ArrayList<>();
        try (SSLSocket socket = (SSLSocket) ausf.getSocketFactory().createSocket("127.0.0.1", node.port())) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            for (String request : requests) {
                socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                socket.getOutputStream().flush();
                answers.add(read(in));
            }
        }
        return answers;
    }

    private static Answer read(BufferedReader in) throws Exception {
        int status = Integer.parseInt(in.readLine().split(" ")[1]);
        int length = 0;
        for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
            String[] header = line.split(": *", 2);
            if (header[0].equalsIgnoreCase("content-length")) {
                length = Integer.parseInt(header[1]);
            }
        }
        StringBuilder body = new StringBuilder();
        while (body.length() < length) {
            body.append((char) in.read());
        }
        return new Answer(status, new JsonObject(body.toString()));
    }

    private static String head(String method, String path, String type) {
        return method + " " + path + " HTTP/1.1\r\nhost: localhost\r\ncontent-type: " + type + "\r\n";
    }

    @ParameterizedTest
    @CsvSource({
        "POST, " + GENERATE + ", application/json",
        "POST, /nudm-ueau/v1/imsi-001010000000001/auth-events, application/json",
        "PUT, /nudm-ueau/v1/imsi-001010000000001/auth-events/1, application/json",
        "PUT, " + SUBSCRIPTION + ", application/json",
        "PATCH, " + SUBSCRIPTION + ", application/json-patch+json"
    })
    void aRequestThatHidesItsLengthIsRefusedAndTheNextOneServed(String method, String path, String type)
            throws Exception {
        String chunked = head("POST", GENERATE, "application/json")
                + "transfer-encoding: chunked\r\n\r\n"
                + Integer.toHexString(FIVE_G.length()) + "\r\n" + FIVE_G + "\r\n0\r\n\r\n";
        List<Answer> answers = exchange(head(method, path, type) + "\r\n", chunked);
        assertThat(answers.getFirst().status()).isEqualTo(411);
        assertThat(answers.getFirst().body().getString("cause")).isEqualTo("LENGTH_REQUIRED");
        assertThat(answers.getFirst().body().getInteger("status")).isEqualTo(411);
        assertThat(answers.getLast().status()).isEqualTo(404);
        assertThat(answers.getLast().body().getString("cause")).isEqualTo("USER_NOT_FOUND");
    }

    @Test
    void aLengthOfNothingIsALength() throws Exception {
        Answer answer = exchange(head("POST", GENERATE, "application/json") + "content-length: 0\r\n\r\n")
                .getFirst();
        assertThat(answer.status()).isEqualTo(400);
    }

    @Test
    void methodsWithoutBodyNeedNone() throws Exception {
        assertThat(exchange(head("GET", SUBSCRIPTION, "x") + "\r\n", head("DELETE", SUBSCRIPTION, "x") + "\r\n"))
                .extracting(Answer::status)
                .containsExactly(404, 404);
    }

    @Test
    void overHttp2NoLengthIsNeeded() throws Exception {
        try (HttpClient client = ListeningNode.client(ausf)) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(node.at(GENERATE))
                            .header("content-type", "application/json")
                            .POST(HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofString(FIVE_G)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(answer.body()).contains("USER_NOT_FOUND");
        }
    }
}
