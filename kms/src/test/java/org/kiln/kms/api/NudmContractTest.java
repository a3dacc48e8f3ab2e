package org.kiln.kms.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kiln.kms.access.TestCallers;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.auc.AuthEvents;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.subscriber.AuthenticationMethod;
import org.kiln.kms.suci.ScratchHomeNetwork;

/** What Nudm_UEAuthentication answers over HTTP, against 3GPP's OpenAPI files and Kiln's own. */
class NudmContractTest {

    private static final String FIVE_G = "{\"servingNetworkName\":\"5G:mnc001.mcc001.3gppnetwork.org\","
            + "\"ausfInstanceId\":\"3fa85f64-5717-4562-b3fc-2c963f66afa6\"%s}";

    private static final RouteContract CONTRACT = new RouteContract(RouteContractTest.FILE);

    private static OpenApi openApi;
    private static AuthenticationCentre centre;
    private static ScratchHomeNetwork network;
    private static AuthEvents events;
    private static Vertx vertx;
    private static HttpServer server;
    private static HttpClient client;

    @BeforeAll
    static void open(@TempDir Path folder) throws Exception {
        openApi = new OpenApi();
        network = new ScratchHomeNetwork(folder);
        ScratchNode node = network.node();
        node.provision(3);
        centre = new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, 100);
        events = new AuthEvents(node.database());
        vertx = Vertx.vertx();
        NudmUeau nudm = new NudmUeau(vertx, centre, network.sidf(), events);
        server = vertx.createHttpServer()
                .requestHandler(request -> nudm.handle(request, TestCallers.network()))
                .listen(0, "127.0.0.1")
                .await();
        client = HttpClient.newHttpClient();
    }

    @AfterAll
    static void close() {
        client.close();
        vertx.close().await();
        events.close();
        centre.close();
        network.close();
    }

    private record Answer(int status, String type, String location, JsonObject body) {}

    private static Answer post(String path, String body) throws Exception {
        return send("POST", path, body);
    }

    private static Answer send(String method, String path, String body) throws Exception {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + "/nudm-ueau/v1/" + path))
                        .header("content-type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        CONTRACT.require(response);
        return new Answer(
                response.statusCode(),
                response.headers().firstValue("content-type").orElse(""),
                response.headers().firstValue("location").orElse(""),
                response.body().isEmpty() ? new JsonObject() : new JsonObject(response.body()));
    }

    private static String supi(int number) {
        return ScratchNode.supi(number).value();
    }

    private static Answer generateAuthData(String more) throws Exception {
        return post(supi(0) + "/security-information/generate-auth-data", FIVE_G.formatted(more));
    }

    @Test
    void aFiveGVectorKeepsTheSchema() throws Exception {
        Answer answer = generateAuthData("");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.type()).startsWith("application/json");
        openApi.require("AuthenticationInfoResult", answer.body());
    }

    /** CK′ and IK′ of TS 33.501 Annex A.3, computed here from the card's CK and IK by the JDK's HMAC. */
    @Test
    void aSubscriberOfEapAkaPrimeGetsItsVector() throws Exception {
        network.node().provision(6, 7);
        network.node()
                .store()
                .put(
                        ScratchNode.supi(6),
                        before -> before.orElseThrow().withMethod(AuthenticationMethod.EAP_AKA_PRIME));
        Answer answer = post(supi(6) + "/security-information/generate-auth-data", FIVE_G.formatted(""));
        assertThat(answer.status()).isEqualTo(200);
        openApi.require("AuthenticationInfoResult", answer.body());
        assertThat(answer.body().getString("authType")).isEqualTo("EAP_AKA_PRIME");
        assertThat(answer.body().getString("supi")).isEqualTo(supi(6));
        JsonObject vector = answer.body().getJsonObject("authenticationVector");
        openApi.require("AvEapAkaPrime", vector);
        assertThat(vector.getString("avType")).isEqualTo("EAP_AKA_PRIME");
        byte[] rand = HexFormat.of().parseHex(vector.getString("rand"));
        byte[] autn = HexFormat.of().parseHex(vector.getString("autn"));
        assertThat(autn[6] & 0x80).as("separation bit").isEqualTo(0x80);
        assertThat(ScratchNode.card(6).sqn(new AuthenticationVector.Umts(rand, autn, rand, rand, rand)))
                .isGreaterThan(0x20);
        byte[] name = "5G:mnc001.mcc001.3gppnetwork.org".getBytes(StandardCharsets.US_ASCII);
        Mac hmac = Mac.getInstance("HmacSHA256");
        hmac.init(new SecretKeySpec(ScratchNode.card(6).ckIk(rand), "HmacSHA256"));
        hmac.update((byte) 0x20);
        hmac.update(name);
        hmac.update(new byte[] {0, (byte) name.length});
        hmac.update(autn, 0, 6);
        hmac.update(new byte[] {0, 6});
        assertThat(vector.getString("ckPrime") + vector.getString("ikPrime"))
                .isEqualTo(HexFormat.of().formatHex(hmac.doFinal()));
    }

    /** The AuC answers an HSS by the path that it asks, whatever a 5G core would do. */
    @Test
    void theMethodConcernsA5gCoreOnly() throws Exception {
        network.node().provision(7, 8);
        network.node()
                .store()
                .put(
                        ScratchNode.supi(7),
                        before -> before.orElseThrow().withMethod(AuthenticationMethod.EAP_AKA_PRIME));
        Answer answer = post(
                supi(7) + "/hss-security-information/eps-aka/generate-av",
                "{\"hssAuthType\":\"EPS_AKA\",\"numOfRequestedVectors\":1,"
                        + "\"servingNetworkId\":{\"mcc\":\"001\",\"mnc\":\"01\"}}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().encode()).contains("kasme");
    }

    @ParameterizedTest
    @CsvSource({
        "eps-aka, EPS_AKA, '\"servingNetworkId\":{\"mcc\":\"001\",\"mnc\":\"01\"}'",
        "eap-aka, EAP_AKA, '\"anId\":\"WLAN\"'",
        "eap-aka-prime, EAP_AKA_PRIME, '\"anId\":\"WLAN\"'",
        "ims-aka, IMS_AKA, '\"requestingNodeType\":\"S_CSCF\"'",
        "gba-aka, GBA_AKA, '\"requestingNodeType\":\"BSF\"'"
    })
    void everyMethodOfAnHssKeepsTheSchema(String inUri, String type, String more) throws Exception {
        Answer answer = post(
                supi(1) + "/hss-security-information/" + inUri + "/generate-av",
                "{\"hssAuthType\":\"" + type + "\",\"numOfRequestedVectors\":5," + more + "}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().getJsonArray("hssAuthenticationVectors")).hasSize(5);
        openApi.require("HssAuthenticationInfoResult", answer.body());
    }

    @Test
    void aVectorForBootstrappingKeepsTheSchema() throws Exception {
        Answer answer = post(supi(2) + "/gba-security-information/generate-av", "{\"authType\":\"DIGEST_AKAV1_MD5\"}");
        assertThat(answer.status()).isEqualTo(200);
        openApi.require("GbaAuthenticationInfoResult", answer.body());
        assertThat(HexFormat.of()
                        .parseHex(answer.body().getJsonObject("3gAkaAv").getString("rand")))
                .hasSize(16);
    }

    @ParameterizedTest
    @CsvSource({
        "imsi-001019999999999/security-information/generate-auth-data, 404, USER_NOT_FOUND",
        "nonsense/security-information/generate-auth-data, 400, OPTIONAL_IE_INCORRECT|MANDATORY_IE_INCORRECT",
        "imsi-001010000000000/hss-security-information/carrier-pigeon/generate-av, 404, RESOURCE_URI_STRUCTURE_NOT_FOUND",
        "imsi-001010000000000/no-such-resource, 404, RESOURCE_URI_STRUCTURE_NOT_FOUND"
    })
    void aRefusalIsProblemDetailsWithItsCause(String path, int status, String causes) throws Exception {
        Answer answer = post(path, FIVE_G.formatted(""));
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.type()).startsWith("application/problem+json");
        openApi.requireProblem(answer.body());
        assertThat(answer.body().getString("cause")).matches(causes);
    }

    @Test
    void aForgedSynchronisationFailureIsRejected() throws Exception {
        Answer answer = generateAuthData(",\"resynchronizationInfo\":{\"rand\":\"" + "00".repeat(16) + "\",\"auts\":\""
                + "00".repeat(14) + "\"}");
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body().getString("cause")).isEqualTo("AUTHENTICATION_REJECTED");
        openApi.requireProblem(answer.body());
    }

    @Test
    void theContractFindsAnAnswerThatStrays() throws Exception {
        JsonObject short5g = generateAuthData("").body();
        short5g.getJsonObject("authenticationVector").put("kausf", "00");
        assertThatThrownBy(() -> openApi.require("AuthenticationInfoResult", short5g))
                .isInstanceOf(AssertionError.class);
        JsonObject without = generateAuthData("").body();
        without.remove("authType");
        assertThatThrownBy(() -> openApi.require("AuthenticationInfoResult", without))
                .isInstanceOf(AssertionError.class);
    }

    private static JsonObject event(String network) {
        JsonObject event = new JsonObject()
                .put("nfInstanceId", "3fa85f64-5717-4562-b3fc-2c963f66afa6")
                .put("success", true)
                .put("timeStamp", "2026-11-24T12:00:00.5Z")
                .put("authType", "5G_AKA")
                .put("servingNetworkName", network);
        openApi.require("AuthEvent", event);
        return event;
    }

    private static Answer confirm(int number, JsonObject event) throws Exception {
        return post(supi(number) + "/auth-events", event.encode());
    }

    private static Answer remove(Answer confirmed) throws Exception {
        String path = confirmed.location().substring(NudmUeau.PREFIX.length());
        return send(
                "PUT", path, confirmed.body().copy().put("authRemovalInd", true).encode());
    }

    @Test
    void anAuthenticationEventIsConfirmedAndRemoved() throws Exception {
        JsonObject event = event("5G:mnc001.mcc001.3gppnetwork.org");
        Answer confirmed = confirm(0, event);
        assertThat(confirmed.status()).isEqualTo(201);
        assertThat(confirmed.location()).startsWith("/nudm-ueau/v1/" + supi(0) + "/auth-events/");
        openApi.require("AuthEvent", confirmed.body());
        assertThat(confirmed.body()).isEqualTo(event);
        assertThat(remove(confirmed).status()).isEqualTo(204);
        Answer again = remove(confirmed);
        assertThat(again.status()).isEqualTo(404);
        assertThat(again.body().getString("cause")).isEqualTo("DATA_NOT_FOUND");
        openApi.requireProblem(again.body());
    }

    @Test
    void theLatestEventOfEachServingNetworkIsKept() throws Exception {
        Answer first = confirm(1, event("5G:mnc001.mcc001.3gppnetwork.org"));
        Answer elsewhere = confirm(1, event("5G:mnc002.mcc001.3gppnetwork.org"));
        Answer second =
                confirm(1, event("5G:mnc001.mcc001.3gppnetwork.org").put("timeStamp", "2026-11-24T13:00:00+01:00"));
        assertThat(remove(first).status()).isEqualTo(404);
        assertThat(remove(elsewhere).status()).isEqualTo(204);
        assertThat(remove(second).status()).isEqualTo(204);
    }

    @Test
    void aRemovedSubscriberTakesHisEventsAlong() throws Exception {
        network.node().provision(5, 6);
        Answer confirmed = confirm(5, event("5G:mnc001.mcc001.3gppnetwork.org"));
        network.node().store().delete(ScratchNode.supi(5));
        assertThat(remove(confirmed).status()).isEqualTo(404);
        Answer late = confirm(5, event("5G:mnc001.mcc001.3gppnetwork.org"));
        assertThat(late.status()).isEqualTo(404);
        assertThat(late.body().getString("cause")).isEqualTo("USER_NOT_FOUND");
    }

    @ParameterizedTest
    @CsvSource({
        "nfInstanceId, , MANDATORY_IE_MISSING",
        "nfInstanceId, ausf, MANDATORY_IE_INCORRECT",
        "success, , MANDATORY_IE_MISSING",
        "success, yes, MANDATORY_IE_INCORRECT",
        "timeStamp, yesterday, MANDATORY_IE_INCORRECT",
        "authType, , MANDATORY_IE_MISSING",
        "servingNetworkName, wlan, MANDATORY_IE_INCORRECT"
    })
    void anEventThatIsNoneIsRefused(String member, String value, String cause) throws Exception {
        JsonObject event = event("5G:mnc001.mcc001.3gppnetwork.org");
        if (value == null) {
            event.remove(member);
        } else {
            event.put(member, value);
        }
        Answer answer = confirm(2, event);
        assertThat(answer.status()).isEqualTo(400);
        openApi.requireProblem(answer.body());
        assertThat(answer.body().getString("cause")).isEqualTo(cause);
        assertThat(answer.body().getJsonArray("invalidParams").getJsonObject(0).getString("param"))
                .isEqualTo(member);
    }

    @Test
    void anEventIsNotChangedButRemoved() throws Exception {
        Answer confirmed = confirm(2, event("5G:mnc001.mcc001.3gppnetwork.org"));
        String path = confirmed.location().substring(NudmUeau.PREFIX.length());
        assertThat(send("PUT", path, confirmed.body().encode()).status()).isEqualTo(400);
        assertThat(send("DELETE", path, "").status()).isEqualTo(405);
        assertThat(remove(confirmed).status()).isEqualTo(204);
    }

    @Test
    void featuresAreToldToWhomTellsHis() throws Exception {
        Answer fiveG = generateAuthData(",\"supportedFeatures\":\"3\"");
        assertThat(fiveG.body().getString("supportedFeatures")).isEqualTo("0");
        openApi.require("AuthenticationInfoResult", fiveG.body());
        assertThat(generateAuthData("").body().containsKey("supportedFeatures")).isFalse();
        Answer ims = post(
                supi(1) + "/hss-security-information/ims-aka/generate-av",
                "{\"hssAuthType\":\"IMS_AKA\",\"numOfRequestedVectors\":1,\"supportedFeatures\":\"\"}");
        assertThat(ims.body().getString("supportedFeatures")).isEqualTo("0");
        openApi.require("HssAuthenticationInfoResult", ims.body());
        Answer gba = post(
                supi(2) + "/gba-security-information/generate-av",
                "{\"authType\":\"DIGEST_AKAV1_MD5\",\"supportedFeatures\":\"1\"}");
        assertThat(gba.body().getString("supportedFeatures")).isEqualTo("0");
        openApi.require("GbaAuthenticationInfoResult", gba.body());
        assertThat(generateAuthData(",\"supportedFeatures\":\"x\"").status()).isEqualTo(400);
    }
}
