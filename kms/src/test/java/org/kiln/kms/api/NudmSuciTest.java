package org.kiln.kms.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kiln.kms.access.TestCallers;
import org.kiln.kms.auc.AuthEvents;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.suci.ScratchHomeNetwork;
import org.kiln.kms.suci.SoftwareUe;

/** SUCIs in {@code generate-auth-data}, over HTTP, from a UE in software to a real token. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NudmSuciTest {

    private static final String BODY = "{\"servingNetworkName\":\"5G:mnc001.mcc001.3gppnetwork.org\","
            + "\"ausfInstanceId\":\"3fa85f64-5717-4562-b3fc-2c963f66afa6\"}";

    private static final RouteContract CONTRACT = new RouteContract(RouteContractTest.FILE);

    @TempDir
    private static Path folder;

    private ScratchHomeNetwork network;
    private AuthenticationCentre centre;
    private AuthEvents events;
    private Vertx vertx;
    private int port;

    @BeforeAll
    void serve() throws Exception {
        network = new ScratchHomeNetwork(folder);
        ScratchNode node = network.node();
        node.provision(1);
        centre = new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, 16);
        events = new AuthEvents(network.node().database());
        vertx = Vertx.vertx();
        NudmUeau nudm = new NudmUeau(vertx, centre, network.sidf(), events);
        port = vertx.createHttpServer()
                .requestHandler(request -> nudm.handle(request, TestCallers.network()))
                .listen(0)
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    @AfterAll
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        events.close();
        centre.close();
        network.close();
    }

    private HttpResponse<String> post(String supiOrSuci, String resource, String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(
                                    "http://127.0.0.1:" + port + "/nudm-ueau/v1/" + supiOrSuci + "/" + resource))
                            .header("content-type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            CONTRACT.require(answer);
            return answer;
        }
    }

    private HttpResponse<String> register(String supiOrSuci) throws Exception {
        return post(supiOrSuci, "security-information/generate-auth-data", BODY);
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, true", "2, false"})
    void aConcealedSubscriberIsServedAndNamed(int identifier, boolean compressed) throws Exception {
        String supi = ScratchNode.supi(0).value();
        HttpResponse<String> answer =
                register(SoftwareUe.imsi(network.key(identifier), compressed, supi.substring("imsi-".length())));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"avType\":\"5G_HE_AKA\"", "\"supi\":\"" + supi + "\"");
    }

    @Test
    void theNullSchemeIsServed() throws Exception {
        HttpResponse<String> answer = register("suci-0-001-01-0-0-0-0000000000");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"supi\":\"imsi-001010000000000\"");
    }

    @Test
    void aConcealedStrangerIsUnknown() throws Exception {
        assertProblem(register(SoftwareUe.imsi(network.key(1), true, "001010000009999")), 404, "USER_NOT_FOUND");
        assertProblem(register("suci-1-example.org-0-0-0-user"), 404, "USER_NOT_FOUND");
    }

    private static void assertProblem(HttpResponse<String> answer, int status, String cause) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
        assertThat(answer.body()).contains("\"cause\":\"" + cause + "\"");
    }

    @ParameterizedTest
    @CsvSource({
        "suci-0-001-01-0-1-77-00, 403, INVALID_HN_PUBLIC_KEY_IDENTIFIER",
        "suci-0-001-01-0-1-1-00, 403, INVALID_SCHEME_OUTPUT",
        "suci-0-001-01-0-2-2-000, 403, INVALID_SCHEME_OUTPUT",
        "suci-0-001-01-0-0-0-letters, 403, INVALID_SCHEME_OUTPUT",
        "suci-0-001-01-0-c-1-00, 501, UNSUPPORTED_PROTECTION_SCHEME",
        "suci-0-001-01-0-1-1-zz, 400, MANDATORY_IE_INCORRECT",
        "suci-7-001, 400, MANDATORY_IE_INCORRECT"
    })
    void eachFaultHasItsCause(String suci, int status, String cause) throws Exception {
        assertProblem(register(suci), status, cause);
    }

    @Test
    void theBodyIsJudgedBeforeTheSuci() throws Exception {
        assertProblem(
                post("suci-0-001-01-0-1-77-00", "security-information/generate-auth-data", "{}"),
                400,
                "MANDATORY_IE_MISSING");
        assertProblem(
                post("suci-0-001-01-0-0-0-0000000000", "hss-security-information/eps-aka/generate-av", "{}"),
                400,
                "MANDATORY_IE_INCORRECT");
    }
}
