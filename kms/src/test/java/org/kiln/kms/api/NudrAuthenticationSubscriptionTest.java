package org.kiln.kms.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kiln.kms.access.TestCallers;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.auc.AuthenticationException;
import org.kiln.kms.auc.VectorRequest;
import org.kiln.kms.keys.Partner;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.provisioning.SubscriberProvisioning;
import org.kiln.kms.store.ScratchDatabase;
import org.slf4j.LoggerFactory;

/** Provisioning over HTTP as TS 29.505 has it, on a real token, with a card that judges the vectors. */
@Tag(ScratchDatabase.TAG)
class NudrAuthenticationSubscriptionTest {

    private static final String NETWORK = "5G:mnc001.mcc001.3gppnetwork.org";

    private static final RouteContract CONTRACT = new RouteContract(RouteContractTest.FILE);
    private static final ListAppender<ILoggingEvent> LOG = new ListAppender<>();

    private static OpenApi openApi;
    private static ScratchNode node;
    private static AuthenticationCentre centre;
    private static SubscriberProvisioning provisioning;
    private static Vertx vertx;
    private static HttpServer server;
    private static HttpClient client;

    @BeforeAll
    static void open(@TempDir Path folder) {
        openApi = new OpenApi();
        node = new ScratchNode(folder);
        centre = new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, 100);
        provisioning = node.provisioning(centre);
        vertx = Vertx.vertx();
        NudrAuthenticationSubscription nudr = new NudrAuthenticationSubscription(vertx, provisioning);
        server = vertx.createHttpServer()
                .requestHandler(request -> nudr.handle(request, TestCallers.network()))
                .listen(0, "127.0.0.1")
                .await();
        client = HttpClient.newHttpClient();
        LOG.start();
        ((Logger) LoggerFactory.getLogger("org.kiln.kms")).addAppender(LOG);
    }

    @AfterAll
    static void close() {
        ((Logger) LoggerFactory.getLogger("org.kiln.kms")).detachAppender(LOG);
        client.close();
        vertx.close().await();
        provisioning.close();
        centre.close();
        node.close();
    }

    private static HttpResponse<String> send(String method, int number, String type, String body) throws Exception {
        return send(
                method,
                ScratchNode.supi(number).value() + "/authentication-data/authentication-subscription",
                type,
                body.getBytes(StandardCharsets.UTF_8));
    }

    private static HttpResponse<String> send(String method, String path, String type, byte[] body) throws Exception {
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort()
                                + NudrAuthenticationSubscription.PREFIX + path))
                        .header("content-type", type)
                        .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        CONTRACT.require(answer);
        return answer;
    }

    private static HttpResponse<String> put(int number, JsonObject body) throws Exception {
        return send("PUT", number, "application/json", body.encode());
    }

    private static HttpResponse<String> patch(int number, String operations) throws Exception {
        return send("PATCH", number, "application/json-patch+json", operations);
    }

    private static JsonObject get(int number) throws Exception {
        HttpResponse<String> answer = send("GET", number, "application/json", "");
        assertThat(answer.statusCode()).isEqualTo(200);
        JsonObject json = new JsonObject(answer.body());
        openApi.requireOfUdr("AuthenticationSubscription", json);
        return json;
    }

    /** What the audit log tells of a subscriber, in order. */
    private static List<String> told(int number) {
        return node.database().read(connection -> {
            try (var select = connection.prepareStatement(
                    "select actor, act, detail from audit_entry where object = ? order by number")) {
                select.setString(1, "subscriber/" + node.store().pseudonym(ScratchNode.supi(number)));
                try (var rows = select.executeQuery()) {
                    List<String> told = new ArrayList<>();
                    while (rows.next()) {
                        told.add(rows.getString(1) + " " + rows.getString(2) + " " + rows.getString(3));
                    }
                    return told;
                }
            }
        });
    }

    @Test
    void theAuditLogTellsWhoDidWhatToWhom() throws Exception {
        int number = 7_777;
        assertThat(put(number, subscription(1, "NON_TIME_BASED", "000000000020"))
                        .statusCode())
                .isEqualTo(201);
        assertThat(put(number, subscription(1, "NON_TIME_BASED", "000000000020"))
                        .statusCode())
                .isEqualTo(204);
        assertThat(patch(
                                number,
                                "[{\"op\":\"replace\",\"path\":\"/authenticationManagementField\",\"value\":\"8001\"}]")
                        .statusCode())
                .isEqualTo(204);
        assertThat(patch(number, "[{\"op\":\"test\",\"path\":\"/authenticationManagementField\",\"value\":\"0\"}]")
                        .statusCode())
                .isEqualTo(409);
        assertThat(send("DELETE", number, "application/json", "").statusCode()).isEqualTo(204);
        assertThat(send("DELETE", number, "application/json", "").statusCode()).isEqualTo(404);
        assertThat(told(number))
                .containsExactly(
                        "laboratory SUBSCRIBER_PROVISIONED under transport key " + Partner.LABEL,
                        "laboratory SUBSCRIBER_PROVISIONED_ANEW under transport key " + Partner.LABEL,
                        "laboratory SUBSCRIBER_CHANGED ",
                        "laboratory SUBSCRIBER_REMOVED ");
    }

    /** A subscription whose keys are those of the scratch card {@code keysOf}. */
    private static JsonObject subscription(int keysOf, String scheme, String sqn) {
        JsonObject json = new JsonObject()
                .put("authenticationMethod", "5G_AKA")
                .put("algorithmId", "milenage")
                .put("protectionParameterId", Partner.LABEL)
                .put("encPermanentKey", Partner.kwp(ScratchNode.ki(keysOf)))
                .put("encOpcKey", Partner.kwp(ScratchNode.opc(keysOf)))
                .put("authenticationManagementField", "8000")
                .put(
                        "sequenceNumber",
                        new JsonObject()
                                .put("sqnScheme", scheme)
                                .put("sqn", sqn)
                                .put("indLength", 5)
                                .put("lastIndexes", new JsonObject().put("ausf", 3)));
        openApi.requireOfUdr("AuthenticationSubscription", json);
        return json;
    }

    private static JsonObject subscription(int keysOf) {
        return subscription(keysOf, "NON_TIME_BASED", "000000000020");
    }

    private static AuthenticationVector vector(int number) {
        return centre.authenticate(new VectorRequest(
                        ScratchNode.supi(number), VectorKind.FiveGHeAka.of(NETWORK), 1, Optional.empty()))
                .join()
                .getFirst();
    }

    private static JsonObject assertProblem(HttpResponse<String> answer, int status, String cause) {
        assertThat(answer.body()).isNotEmpty();
        JsonObject problem = new JsonObject(answer.body());
        openApi.requireProblem(problem);
        assertThat(problem.getString("cause")).isEqualTo(cause);
        assertThat(answer.statusCode()).isEqualTo(status);
        return problem;
    }

    @Test
    void aProvisionedSubscriberIsServedAndToldWithoutHisKeys() throws Exception {
        HttpResponse<String> answer = put(1, subscription(1));
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.headers().firstValue("location"))
                .hasValueSatisfying(location -> assertThat(location).endsWith("/authentication-subscription"));
        openApi.requireOfUdr("AuthenticationSubscription", new JsonObject(answer.body()));
        JsonObject told = get(1);
        assertThat(told).isEqualTo(new JsonObject(answer.body()));
        assertThat(told.fieldNames())
                .containsExactlyInAnyOrder(
                        "authenticationMethod",
                        "supi",
                        "algorithmId",
                        "authenticationManagementField",
                        "sequenceNumber");
        assertThat(told.getString("algorithmId")).isEqualTo("milenage");
        assertThat(told.getJsonObject("sequenceNumber"))
                .isEqualTo(new JsonObject()
                        .put("sqnScheme", "NON_TIME_BASED")
                        .put("sqn", "000000000020")
                        .put("indLength", 5));
        assertThat(ScratchNode.card(1).sqn(vector(1))).isGreaterThan(0x20);
        assertThat(ScratchNode.card(2).sqn(vector(1))).isEqualTo(-1);
    }

    @Test
    void theWrappingIsNamedAfterTheKey() throws Exception {
        JsonObject body = subscription(3)
                .put("protectionParameterId", Partner.LABEL + ":aes-kw")
                .put("encPermanentKey", Partner.kw(ScratchNode.ki(3)))
                .put("encOpcKey", Partner.kw(ScratchNode.opc(3)));
        assertThat(put(3, body).statusCode()).isEqualTo(201);
        assertThat(ScratchNode.card(3).sqn(vector(3))).isGreaterThan(0x20);
    }

    @Test
    void anotherCardTakesThePlaceOfOneInUse() throws Exception {
        put(4, subscription(4));
        assertThat(ScratchNode.card(4).sqn(vector(4))).isGreaterThan(0x20);
        assertThat(put(4, subscription(40)).statusCode()).isEqualTo(204);
        AuthenticationVector vector = vector(4);
        assertThat(ScratchNode.card(40).sqn(vector)).isGreaterThan(0x20);
        assertThat(ScratchNode.card(4).sqn(vector)).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({"NON_TIME_BASED, 5", "TIME_BASED, 6", "GENERAL, 7"})
    void theSameKiIsNeverSetBack(String scheme, int number) throws Exception {
        put(number, subscription(number, "NON_TIME_BASED", "000000100000"));
        long last = ScratchNode.card(number).sqn(vector(number));
        assertThat(put(number, subscription(number, scheme, "000000000000")).statusCode())
                .isEqualTo(204);
        assertThat(ScratchNode.card(number).sqn(vector(number))).isGreaterThan(last);
    }

    @Test
    void theMethodIsTakenToldAndChanged() throws Exception {
        assertThat(put(16, subscription(16).put("authenticationMethod", "EAP_AKA_PRIME"))
                        .statusCode())
                .isEqualTo(201);
        assertThat(get(16).getString("authenticationMethod")).isEqualTo("EAP_AKA_PRIME");
        VectorRequest asAMethodSays = VectorRequest.fiveG(ScratchNode.supi(16), NETWORK, Optional.empty());
        AuthenticationVector before = centre.authenticate(asAMethodSays).join().getFirst();
        assertThat(before).isInstanceOf(AuthenticationVector.EapAkaPrime.class);
        assertThat(patch(16, "[{\"op\":\"replace\",\"path\":\"/authenticationMethod\",\"value\":\"5G_AKA\"}]")
                        .statusCode())
                .isEqualTo(204);
        AuthenticationVector after = centre.authenticate(asAMethodSays).join().getFirst();
        assertThat(after).isInstanceOf(AuthenticationVector.FiveGHe.class);
        assertThat(ScratchNode.card(16).sqn(after))
                .isGreaterThan(ScratchNode.card(16).sqn(before));
        assertProblem(
                patch(16, "[{\"op\":\"replace\",\"path\":\"/authenticationMethod\",\"value\":\"EAP_TTLS\"}]"),
                400,
                "MANDATORY_IE_INCORRECT");
        assertProblem(
                patch(16, "[{\"op\":\"remove\",\"path\":\"/authenticationMethod\"}]"), 400, "MANDATORY_IE_MISSING");
        assertThat(get(16).getString("authenticationMethod")).isEqualTo("5G_AKA");
    }

    /** Many vectors at once run ahead of the clock, which a sequence that begins anew would fall back to. */
    @ParameterizedTest
    @CsvSource({"NON_TIME_BASED, 20", "TIME_BASED, 21", "GENERAL, 22"})
    void noSequenceNumberComesTwiceAroundAChange(String scheme, int number) throws Exception {
        JsonObject subscription = subscription(number, scheme, "000000000020");
        put(number, subscription);
        VectorRequest many =
                new VectorRequest(ScratchNode.supi(number), VectorKind.FiveGHeAka.of(NETWORK), 5, Optional.empty());
        long highest = 0;
        for (int round = 0; round < 3; round++) {
            for (int each = 0; each < 100; each++) {
                for (AuthenticationVector vector : centre.authenticate(many).join()) {
                    long sqn = ScratchNode.card(number).sqn(vector);
                    assertThat(sqn >>> 5).isGreaterThan(highest >>> 5);
                    highest = sqn;
                }
            }
            int status = round == 0
                    ? put(number, subscription).statusCode()
                    : patch(
                                    number,
                                    "[{\"op\":\"replace\",\"path\":\"/authenticationManagementField\",\"value\":\"8001\"}]")
                            .statusCode();
            assertThat(status).isEqualTo(204);
        }
    }

    @Test
    void aPatchChangesAmfAndSequenceNumberOfOneInUse() throws Exception {
        put(8, subscription(8));
        long before = ScratchNode.card(8).sqn(vector(8));
        assertThat(patch(8, """
                [{"op": "test", "path": "/sequenceNumber/sqnScheme", "value": "NON_TIME_BASED"},
                 {"op": "replace", "path": "/authenticationManagementField", "value": "c0de"},
                 {"op": "replace", "path": "/sequenceNumber/sqn", "value": "000001000000"}]""").statusCode()).isEqualTo(204);
        JsonObject told = get(8);
        assertThat(told.getString("authenticationManagementField")).isEqualTo("c0de");
        assertThat(told.getJsonObject("sequenceNumber").getString("sqn")).isEqualTo("000001000000");
        AuthenticationVector vector = vector(8);
        assertThat(before).isLessThan(0x1000000);
        assertThat(ScratchNode.card(8).sqn(vector)).isGreaterThan(0x1000000);
        assertThat(vector.autn()).satisfies(autn -> {
            assertThat(autn[6]).isEqualTo((byte) 0xc0);
            assertThat(autn[7]).isEqualTo((byte) 0xde);
        });
    }

    @Test
    void aDifIsToldAndTakenWithItsSign() throws Exception {
        put(9, subscription(9, "TIME_BASED", "000000000020"));
        JsonObject sequence = get(9).getJsonObject("sequenceNumber");
        assertThat(sequence.getString("difSign")).isEqualTo("NEGATIVE");
        assertThat(ScratchNode.card(9).sqn(vector(9))).isGreaterThan(0x20);
        JsonObject again = subscription(9).put("sequenceNumber", sequence);
        openApi.requireOfUdr("AuthenticationSubscription", again);
        assertThat(put(9, again).statusCode()).isEqualTo(204);
        JsonObject after = get(9).getJsonObject("sequenceNumber");
        assertThat(after.getString("difSign")).isEqualTo("NEGATIVE");
        long difBefore = -Long.parseLong(sequence.getString("sqn"), 16);
        long difAfter = -Long.parseLong(after.getString("sqn"), 16);
        assertThat(difAfter).isBetween(difBefore + 1200, difBefore + 2400);
        assertProblem(
                put(9, again.put("sequenceNumber", sequence.copy().put("sqn", "ffffffffffff"))),
                400,
                "MANDATORY_IE_INCORRECT");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "[{\"op\":\"replace\",\"path\":\"/encPermanentKey\",\"value\":\"00\"}]; 403; MODIFICATION_NOT_ALLOWED",
                "[{\"op\":\"replace\",\"path\":\"/algorithmId\",\"value\":\"tuak\"}]; 403; MODIFICATION_NOT_ALLOWED",
                "[{\"op\":\"replace\",\"path\":\"/sequenceNumberX\",\"value\":\"\"}]; 403; MODIFICATION_NOT_ALLOWED",
                "[{\"op\":\"remove\",\"path\":\"\"}]; 403; MODIFICATION_NOT_ALLOWED",
                "[{\"op\":\"copy\",\"from\":\"/supi\",\"path\":\"/sequenceNumber/sqn\"}]; 403; MODIFICATION_NOT_ALLOWED",
                "[{\"op\":\"replace\",\"path\":\"/sequenceNumber/sqn\",\"value\":\"000000000000\"}]; 403; MODIFICATION_NOT_ALLOWED",
                "[{\"op\":\"test\",\"path\":\"/supi\",\"value\":\"imsi-00101\"}]; 409; PATCH_CONFLICT",
                "[{\"op\":\"remove\",\"path\":\"/sequenceNumber/difSign\"}]; 409; PATCH_CONFLICT",
                "[{\"op\":\"add\",\"path\":\"/sequenceNumber/sqn/x\",\"value\":1}]; 409; PATCH_CONFLICT",
                "[{\"op\":\"remove\",\"path\":\"/sequenceNumber\"}]; 400; MANDATORY_IE_MISSING",
                "[{\"op\":\"replace\",\"path\":\"/sequenceNumber/sqn\",\"value\":5}]; 400; MANDATORY_IE_INCORRECT",
                "[{\"op\":\"replace\",\"path\":\"/authenticationManagementField\",\"value\":\"800\"}]; 400; MANDATORY_IE_INCORRECT",
                "[{\"op\":\"replace\",\"path\":\"/sequenceNumber/sqn\"}]; 400; MANDATORY_IE_MISSING",
                "[{\"op\":\"jump\",\"path\":\"/sequenceNumber\"}]; 400; MANDATORY_IE_INCORRECT",
                "[{\"op\":\"test\",\"path\":\"supi\",\"value\":1}]; 400; MANDATORY_IE_INCORRECT",
                "[]; 400; INVALID_MSG_FORMAT",
                "{}; 400; INVALID_MSG_FORMAT"
            })
    void aPatchOfAnythingElseChangesNothing(String operations, int status, String cause) throws Exception {
        put(10, subscription(10));
        JsonObject before = get(10);
        assertProblem(patch(10, operations), status, cause);
        assertThat(get(10)).isEqualTo(before);
    }

    @Test
    @Timeout(60)
    void aRemovedSubscriberIsServedNoMore() throws Exception {
        put(11, subscription(11));
        int inUse = centre.activeSubscribers();
        vector(11);
        assertThat(centre.activeSubscribers()).isGreaterThanOrEqualTo(1);
        assertThat(send("DELETE", 11, "application/json", "").statusCode()).isEqualTo(204);
        assertThatThrownBy(() -> vector(11)).hasCauseInstanceOf(AuthenticationException.UnknownSubscriber.class);
        assertProblem(send("GET", 11, "application/json", ""), 404, "USER_NOT_FOUND");
        assertProblem(send("DELETE", 11, "application/json", ""), 404, "USER_NOT_FOUND");
        assertProblem(patch(11, "[{\"op\":\"test\",\"path\":\"/supi\",\"value\":\"\"}]"), 404, "USER_NOT_FOUND");
        while (centre.activeSubscribers() > inUse) {
            Thread.onSpinWait();
        }
        assertThat(put(11, subscription(12)).statusCode()).isEqualTo(201);
        assertThat(ScratchNode.card(12).sqn(vector(11))).isGreaterThan(0x20);
    }

    @ParameterizedTest
    @CsvSource({
        "authenticationMethod, EAP_TLS, MANDATORY_IE_INCORRECT, authenticationMethod",
        "authenticationMethod, , MANDATORY_IE_MISSING, authenticationMethod",
        "algorithmId, rot13, MANDATORY_IE_INCORRECT, algorithmId",
        "algorithmId, tuak, MANDATORY_IE_INCORRECT, algorithmId",
        "protectionParameterId, stranger, MANDATORY_IE_INCORRECT, protectionParameterId",
        "protectionParameterId, SK-1, MANDATORY_IE_INCORRECT, protectionParameterId",
        "protectionParameterId, partner-in:rsa, MANDATORY_IE_INCORRECT, protectionParameterId",
        "protectionParameterId, partner-in:aes-kw, MANDATORY_IE_INCORRECT, encPermanentKey",
        "encPermanentKey, , MANDATORY_IE_MISSING, encPermanentKey",
        "encPermanentKey, 00, MANDATORY_IE_INCORRECT, encPermanentKey",
        "encOpcKey, , MANDATORY_IE_MISSING, encOpcKey",
        "encOpcKey, 000000000000000000000000000000000000000000000000, MANDATORY_IE_INCORRECT, encOpcKey",
        "encTopcKey, 00, MANDATORY_IE_INCORRECT, encTopcKey",
        "authenticationManagementField, 80000, MANDATORY_IE_INCORRECT, authenticationManagementField",
        "sequenceNumber, , MANDATORY_IE_MISSING, sequenceNumber",
        "sequenceNumber, text, MANDATORY_IE_INCORRECT, sequenceNumber",
        "supi, imsi-001010000000099, MANDATORY_IE_INCORRECT, supi"
    })
    void aWrongMemberIsNamedAndNothingIsStored(String member, String value, String cause, String param)
            throws Exception {
        JsonObject body = subscription(13);
        if (value == null) {
            body.remove(member);
        } else {
            body.put(member, value);
        }
        HttpResponse<String> answer = put(13, body);
        JsonObject problem = assertProblem(answer, 400, cause);
        assertThat(problem.getJsonArray("invalidParams").getJsonObject(0).getString("param"))
                .isEqualTo(param);
        assertThat(node.store().contains(ScratchNode.supi(13))).isFalse();
    }

    @Test
    void otherMethodsPathsAndTypesAreRefused() throws Exception {
        HttpResponse<String> post = send("POST", 1, "application/json", "{}");
        assertProblem(post, 405, "METHOD_NOT_ALLOWED");
        assertThat(post.headers().firstValue("allow")).hasValue("GET, PUT, PATCH, DELETE");
        assertProblem(send("PATCH", 1, "application/json", "[]"), 415, "UNSUPPORTED_MEDIA_TYPE");
        assertProblem(send("PUT", 1, "application/json-patch+json", "{}"), 415, "UNSUPPORTED_MEDIA_TYPE");
        assertProblem(send("PUT", 1, "application/json", " ".repeat(20_000)), 413, "PAYLOAD_TOO_LARGE");
        String resource = "/authentication-data/authentication-subscription";
        assertProblem(send("GET", "nobody" + resource, "text/plain", new byte[0]), 400, "MANDATORY_IE_INCORRECT");
        assertProblem(
                send("GET", "imsi-001010000000001/else", "text/plain", new byte[0]),
                404,
                "RESOURCE_URI_STRUCTURE_NOT_FOUND");
    }

    /** Whatever the body, the answer is a success or problem details that put the blame on the caller. */
    @Test
    void survivesMutatedBodies() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        byte[] good = subscription(14).encode().getBytes(StandardCharsets.UTF_8);
        byte[] change = "[{\"op\":\"replace\",\"path\":\"/sequenceNumber/sqn\",\"value\":\"000001000000\"}]"
                .getBytes(StandardCharsets.UTF_8);
        String path = ScratchNode.supi(14).value() + "/authentication-data/authentication-subscription";
        for (int run = 0; run < 400; run++) {
            boolean patch = random.nextInt(4) == 0;
            byte[] mutated = patch ? change.clone() : good.clone();
            for (int each = 0; each <= random.nextInt(4); each++) {
                mutated[random.nextInt(mutated.length)] = switch (random.nextInt(3)) {
                    case 0 -> (byte) random.nextInt(256);
                    case 1 -> (byte) "{}[]\",:0-".charAt(random.nextInt(9));
                    default -> (byte) ('0' + random.nextInt(10));
                };
            }
            HttpResponse<String> answer = patch
                    ? send("PATCH", path, "application/json-patch+json", mutated)
                    : send("PUT", path, "application/json", mutated);
            String told = "seed " + seed + ", run " + run + ", " + answer.statusCode() + ": "
                    + new String(mutated, StandardCharsets.ISO_8859_1);
            assertThat(answer.statusCode()).as(told).isIn(201, 204, 400, 403, 404, 409);
            if (answer.statusCode() >= 400) {
                openApi.requireProblem(new JsonObject(answer.body()));
            }
        }
    }

    @Test
    void logsNameNoWholeSupiAndNoKey() throws Exception {
        String supi = ScratchNode.supi(15).value();
        JsonObject body = subscription(15);
        put(15, body);
        put(15, body.copy().put("encOpcKey", "00".repeat(24)));
        patch(15, "[{\"op\":\"replace\",\"path\":\"/authenticationManagementField\",\"value\":\"8001\"}]");
        send("DELETE", 15, "application/json", "");
        assertThat(LOG.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .anySatisfy(line -> assertThat(line).contains("provisioned under transport key"))
                .allSatisfy(line -> assertThat(line)
                        .doesNotContain(supi.substring(5))
                        .doesNotContain(body.getString("encPermanentKey")));
    }
}
