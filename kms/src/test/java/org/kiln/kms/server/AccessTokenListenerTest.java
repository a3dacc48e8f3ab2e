package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.auc.v1.Answer;
import org.kiln.auc.v1.Error.Code;
import org.kiln.auc.v1.VectorKind;
import org.kiln.auc.v1.VectorRequest;
import org.kiln.kms.api.RouteContract;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.oauth2.TestNrf;

/** Who reaches a TLS listener that trusts an NRF's tokens, and who one that does not. */
class AccessTokenListenerTest {

    private static final String GENERATE = "/nudm-ueau/v1/imsi-001010000000001/security-information/generate-auth-data";
    private static final String FIVE_G = "{\"servingNetworkName\":\"5G:mnc001.mcc001.3gppnetwork.org\","
            + "\"ausfInstanceId\":\"3fa85f64-5717-4562-b3fc-2c963f66afa6\"}";
    private static final String SUBSCRIPTION =
            "/nudr-dr/v2/subscription-data/imsi-001010000000001/authentication-data/authentication-subscription";
    private static final String GRPC = "/kiln.auc.v1.AuthenticationCentre/";

    private static final RouteContract CONTRACT = new RouteContract(Path.of("..", "docs", "openapi", "kiln-auc.yaml"));

    @TempDir
    private static Path folder;

    private static TestNrf nrf;
    private static ListeningNode node;
    private static HttpClient anonymous;
    private static HttpClient certified;

    @BeforeAll
    static void open() throws Exception {
        nrf = TestNrf.withEcKey(Curve.P_256, "nrf-1");
        Path pem = nrf.pem(folder.resolve("nrf.pem"));
        node = new ListeningNode(folder.resolve("node"), """

                oauth2:
                  issuer: %s
                  audience: [UDM, UDR]
                  clockSkewSeconds: 10
                  keys:
                    - {kid: nrf-1, file: "%s"}
                """.formatted(TestNrf.ID, pem));
        anonymous = node.anonymous();
        certified = node.withCertificate("ausf");
    }

    @AfterAll
    static void close() {
        anonymous.close();
        certified.close();
        node.close();
    }

    private static String token(String scope) throws Exception {
        return nrf.token(TestNrf.claims(scope).build());
    }

    private static HttpRequest.Builder request(String path, String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(node.at(path)).header("content-type", "application/json");
        return token == null ? request : request.header("authorization", "Bearer " + token);
    }

    private static HttpResponse<String> send(HttpClient client, HttpRequest.Builder request) throws Exception {
        HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (List.of(GENERATE, SUBSCRIPTION).contains(answer.uri().getPath())) {
            CONTRACT.require(answer);
        }
        return answer;
    }

    private static HttpResponse<String> generate(HttpClient client, String token) throws Exception {
        return send(client, request(GENERATE, token).POST(HttpRequest.BodyPublishers.ofString(FIVE_G)));
    }

    private static String cause(HttpResponse<String> answer) {
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
        JsonObject problem = new JsonObject(answer.body());
        assertThat(problem.getInteger("status")).isEqualTo(answer.statusCode());
        return problem.getString("cause");
    }

    private static String challenge(HttpResponse<String> answer) {
        return answer.headers().firstValue("www-authenticate").orElse("");
    }

    /** The subscriber is unknown, which only those are told who may ask. */
    private static void assertReached(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(cause(answer)).isEqualTo("USER_NOT_FOUND");
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void aTokenStandsForACertificate(HttpClient.Version version) throws Exception {
        String token = token("nudm-ueau");
        for (int each = 0; each < 3; each++) {
            assertReached(send(
                    anonymous,
                    request(GENERATE, token).version(version).POST(HttpRequest.BodyPublishers.ofString(FIVE_G))));
        }
        assertReached(send(
                anonymous,
                request(SUBSCRIPTION, token("nudr-dr")).version(version).GET()));
    }

    /** The body waits, in pieces, while the token is verified. */
    @Test
    void noneOfABodyIsLostOverTheVerification() throws Exception {
        String body = FIVE_G.replace(
                "}",
                ",\"padding\":\"" + "x".repeat(4_000) + "\",\"more\":\"" + "y".repeat(4_000) + "\",\"last\":\""
                        + "z".repeat(4_000) + "\"}");
        for (HttpClient.Version version : HttpClient.Version.values()) {
            for (int each = 0; each < 5; each++) {
                String fresh = nrf.token(
                        TestNrf.claims("nudm-ueau").jwtID(version + "-" + each).build());
                assertReached(send(
                        anonymous,
                        request(GENERATE, fresh).version(version).POST(HttpRequest.BodyPublishers.ofString(body))));
            }
        }
    }

    @Test
    void aCertificateDoesAsBefore() throws Exception {
        assertReached(generate(certified, null));
        assertThat(send(certified, request("/health", null)).body()).isEqualTo("reached");
    }

    @Test
    void whoHasNeitherIsChallenged() throws Exception {
        HttpResponse<String> answer = generate(anonymous, null);
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(cause(answer)).isEqualTo("AUTHENTICATION_REQUIRED");
        assertThat(challenge(answer)).isEqualTo("Bearer realm=\"kiln\"");
        HttpResponse<String> basic = send(
                anonymous,
                request(GENERATE, null)
                        .header("authorization", "Basic dTpw")
                        .POST(HttpRequest.BodyPublishers.ofString(FIVE_G)));
        assertThat(basic.statusCode()).isEqualTo(401);
    }

    private static void assertInvalid(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(cause(answer)).isEqualTo("INVALID_TOKEN");
        assertThat(challenge(answer)).isEqualTo("Bearer realm=\"kiln\", error=\"invalid_token\"");
    }

    @Test
    void aTokenThatIsNotGoodIsRefusedAndNotToldWhy() throws Exception {
        JWTClaimsSet good = TestNrf.claims("nudm-ueau").build();
        TestNrf stranger = TestNrf.withEcKey(Curve.P_256, "nrf-1");
        TestNrf unknownKid = TestNrf.withEcKey(Curve.P_256, "nrf-2");
        List<String> bad = List.of(
                stranger.token(good),
                unknownKid.token(good),
                new PlainJWT(good).serialize(),
                nrf.token(new JWTClaimsSet.Builder(good).audience("AMF").build()),
                nrf.token(new JWTClaimsSet.Builder(good).issuer("nobody").build()),
                nrf.token(new JWTClaimsSet.Builder(good)
                        .expirationTime(Date.from(java.time.Instant.now().minusSeconds(60)))
                        .build()),
                nrf.token(new JWTClaimsSet.Builder(good).claim("scope", null).build()),
                "nonsense",
                "a.b.c");
        Set<String> bodies = new HashSet<>();
        for (String token : bad) {
            HttpResponse<String> answer = generate(anonymous, token);
            assertInvalid(answer);
            bodies.add(answer.body());
        }
        assertThat(bodies).hasSize(1);
    }

    /** A caller who shows a token asks to be judged by it. */
    @Test
    void aBadTokenIsRefusedWithACertificateToo() throws Exception {
        assertInvalid(generate(certified, "a.b.c"));
    }

    @ParameterizedTest
    @CsvSource({
        "nudr-dr, nudm-ueau",
        "nudm-sdm, nudm-ueau",
        "nudm-ueau nudm-ueau:auth-events:create, nudm-ueau",
        "nudm-ueau:security-information:generate-auth-data:invoke, nudm-ueau"
    })
    void aTokenForSomethingElseDoesNotDo(String scope, String wanted) throws Exception {
        HttpResponse<String> answer = generate(anonymous, token(scope));
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(cause(answer)).isEqualTo("INSUFFICIENT_SCOPE");
        assertThat(challenge(answer))
                .isEqualTo("Bearer realm=\"kiln\", error=\"insufficient_scope\", scope=\"" + wanted + "\"");
    }

    @Test
    void aTokenForOneOperationDoesForThatOne() throws Exception {
        assertReached(generate(anonymous, token("nudm-ueau nudm-ueau:security-information:generate-auth-data:invoke")));
        String read = token("nudr-dr nudr-dr:subscription-data:authentication-subscription:read");
        assertReached(send(anonymous, request(SUBSCRIPTION, read).GET()));
        for (String method : List.of("PUT", "PATCH", "DELETE")) {
            HttpResponse<String> answer = send(
                    anonymous, request(SUBSCRIPTION, read).method(method, HttpRequest.BodyPublishers.ofString("{}")));
            assertThat(answer.statusCode()).as(method).isEqualTo(403);
        }
    }

    /** One whom {@code callers} knows by his instance is held to his PLMN, and to his roles. */
    @Test
    void aTokenOfAKnownNetworkFunctionIsHeldToItsRoles() throws Exception {
        String token = nrf.token(TestNrf.claims("nudm-ueau nudr-dr")
                .subject(ListeningNode.NF_INSTANCE)
                .build());
        HttpResponse<String> foreign = generate(anonymous, token);
        assertThat(foreign.statusCode()).isEqualTo(403);
        assertThat(cause(foreign)).isEqualTo("FOREIGN_SUBSCRIBER");
        HttpResponse<String> provisioning =
                send(anonymous, request(SUBSCRIPTION, token).GET());
        assertThat(provisioning.statusCode()).isEqualTo(403);
        assertThat(cause(provisioning)).isEqualTo("ROLE_NEEDED");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/health", "/metrics", "/personalisation/v1/orders", "/", "/nudm-ueau/v2/x", "/NUDM-UEAU/v1/"})
    void noTokenOpensAnythingElse(String path) throws Exception {
        for (String token : new String[] {null, token("nudm-ueau nudr-dr kiln-auc")}) {
            HttpResponse<String> answer = send(anonymous, request(path, token));
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(cause(answer)).isEqualTo("CLIENT_CERTIFICATE_REQUIRED");
        }
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefused() throws Exception {
        LabAuthority other = LabAuthority.create(folder.resolve("other"));
        try (HttpClient stranger =
                ListeningNode.client(TlsContexts.as(node.authority(), other.newClient("stranger")))) {
            assertThatThrownBy(() -> generate(stranger, token("nudm-ueau"))).isInstanceOf(IOException.class);
        }
    }

    private static byte[] calls(int count) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(octets);
        for (int id = 0; id < count; id++) {
            byte[] message = VectorRequest.newBuilder()
                    .setId(id)
                    .setSupi("imsi-001010000000001")
                    .setKind(VectorKind.VECTOR_KIND_UMTS)
                    .build()
                    .toByteArray();
            out.writeByte(0);
            out.writeInt(message.length);
            out.write(message);
        }
        return octets.toByteArray();
    }

    private static HttpResponse<byte[]> grpc(String method, int count, String token) throws Exception {
        return anonymous.send(
                HttpRequest.newBuilder(node.at(GRPC + method))
                        .header("content-type", "application/grpc")
                        .header("te", "trailers")
                        .header("authorization", "Bearer " + token)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(calls(count)))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    @Test
    void grpcTakesTokensOfItsOwnScope() throws Exception {
        for (String method : List.of("GetVectors", "StreamVectors")) {
            int count = method.equals("GetVectors") ? 1 : 600;
            String token = nrf.token(TestNrf.claims("kiln-auc").jwtID(method).build());
            HttpResponse<byte[]> answer = grpc(method, count, token);
            assertThat(answer.statusCode()).isEqualTo(200);
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(answer.body()));
            Set<Long> answered = new HashSet<>();
            while (in.available() > 0) {
                in.readByte();
                Answer one = Answer.parseFrom(in.readNBytes(in.readInt()));
                assertThat(one.getError().getCode()).isEqualTo(Code.CODE_UNKNOWN_SUBSCRIBER);
                answered.add(one.getId());
            }
            assertThat(answered).hasSize(count);
        }
        HttpResponse<byte[]> other = grpc("GetVectors", 1, token("nudm-ueau"));
        assertThat(other.statusCode()).isEqualTo(403);
        HttpResponse<byte[]> bad = grpc("GetVectors", 1, "a.b.c");
        assertThat(bad.statusCode()).isEqualTo(401);
        assertThat(new String(bad.body(), StandardCharsets.UTF_8)).contains("INVALID_TOKEN");
    }

    @Test
    void withoutTheSectionATokenOpensNothing() throws Exception {
        try (ListeningNode strict = new ListeningNode(folder.resolve("strict"), "");
                HttpClient client = strict.anonymous();
                HttpClient known = strict.withCertificate("ausf")) {
            HttpRequest request = HttpRequest.newBuilder(strict.at(GENERATE))
                    .header("authorization", "Bearer " + token("nudm-ueau"))
                    .header("content-type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(FIVE_G))
                    .build();
            assertThatThrownBy(() -> client.send(request, HttpResponse.BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
            assertReached(known.send(request, HttpResponse.BodyHandlers.ofString()));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "issuer: x, audience: [UDM], clockSkewSeconds: 0, keys: []; oauth2.keys",
                "issuer: '', audience: [UDM], clockSkewSeconds: 0, keys: [{kid: a, file: a.pem}]; oauth2.issuer",
                "issuer: x, audience: [], clockSkewSeconds: 0, keys: [{kid: a, file: a.pem}]; oauth2.audience",
                "issuer: x, audience: [UDM], clockSkewSeconds: 301, keys: [{kid: a, file: a.pem}]; oauth2.clockSkewSeconds",
                "issuer: x, audience: [UDM], clockSkewSeconds: 1, keys: [{kid: a, file: b}, {kid: a, file: c}]; a kid twice",
                "issuer: x, audience: [UDM], keys: [{kid: a, file: a.pem}]; clockSkewSeconds",
                "issuer: x, audience: [UDM], clockSkewSeconds: 1, keys: [{kid: a, file: a.pem}], leeway: 1; leeway"
            })
    void aSectionThatIsWrongIsRefused(String section, String said) throws Exception {
        Path root = Files.createTempDirectory(folder, "wrong");
        DataFolder data = ScratchFolder.create(root, "any");
        assertThatThrownBy(() ->
                        ScratchFolder.change(data, "auc:\n", "oauth2: {" + section.replace("'", "\"") + "}\nauc:\n"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(said);
    }

    @Test
    void aKeyFileThatIsMissingIsNamed() throws Exception {
        Path root = Files.createTempDirectory(folder, "missing");
        DataFolder data = ScratchFolder.create(root, "any");
        KilnConfiguration configuration = ScratchFolder.change(
                data,
                "auc:\n",
                "oauth2: {issuer: x, audience: [UDM], clockSkewSeconds: 1, keys: [{kid: \"\", file: a.pem}]}\nauc:\n");
        assertThat(configuration
                        .listening(configuration.https().withPort(0), configuration.lab())
                        .oauth2())
                .isEqualTo(configuration.oauth2());
        assertThatThrownBy(() -> configuration.oauth2().orElseThrow().trust(data))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("a.pem");
    }
}
