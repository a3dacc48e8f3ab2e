package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.api.RouteContract;
import org.kiln.personalisation.demo.KilnProcess;

/** The OpenAPI file of the authentication centre, held against {@code kiln up}. */
class AucContractTest {

    @TempDir
    private static Path folder;

    @Test
    void everyOperationIsServedAndAnswersWhatIsListed() throws Exception {
        RouteContract contract = new RouteContract(Path.of("..", "docs", "openapi", "kiln-auc.yaml"));
        String data = folder.resolve("data").toString();
        KilnProcess.succeed("init", "--data", data);
        try (KilnProcess kiln = KilnProcess.up(
                        folder.resolve("kiln.log"), "--data", data, "--port", "0", "--lab", "--lab-port", "0");
                HttpClient client = HttpClient.newHttpClient()) {
            Set<String> served = new TreeSet<>();
            for (String operation : contract.operations()) {
                String[] methodAndPath = operation.split(" ");
                String path = methodAndPath[1]
                        .replace("{hssAuthType}", "eps-aka")
                        .replace("{authEventId}", "1")
                        .replace("{caller}", "udm")
                        .replaceAll("\\{[^}]*}", "imsi-001019999999999");
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(URI.create("http://" + kiln.lab() + path))
                                .headers(
                                        operation.contains(" /kiln/v1/")
                                                ? new String[] {"kiln-caller", "officer"}
                                                : new String[] {"accept", "*/*"})
                                .header(
                                        "content-type",
                                        methodAndPath[0].equals("PATCH")
                                                ? "application/json-patch+json"
                                                : "application/json")
                                .method(methodAndPath[0], HttpRequest.BodyPublishers.ofString("{}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                served.add(contract.require(answer));
                assertThat(answer.body()).doesNotContain("RESOURCE_");
                assertThat(answer.statusCode()).as(operation).isIn(200, 400, 404);
            }
            assertThat(served).isEqualTo(contract.operations());
        }
    }
}
