package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.kiln.kms.api.RouteContract;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;

/** Callers of the personalisation API, each of whose answers must be one that the OpenAPI file lists. */
final class ContractClients implements AutoCloseable {

    static final String JSON = "application/json";
    static final ObjectMapper MAPPER = new ObjectMapper();

    final RouteContract contract = new RouteContract(Path.of("..", "docs", "openapi", "kiln-personalisation.yaml"));
    final Set<String> served = new TreeSet<>();
    final Set<String> causes = new TreeSet<>();
    private final KilnProcess kiln;
    private final Map<String, HttpClient> clients = new HashMap<>();

    ContractClients(KilnProcess kiln, Path pki, String... callers) {
        this.kiln = kiln;
        for (String name : callers) {
            clients.put(
                    name,
                    HttpClient.newBuilder()
                            .sslContext(ApiClient.tls(pki.resolve("ca.pem"), LabAuthority.client(pki, name)))
                            .build());
        }
    }

    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("https://" + kiln.https() + Shop.API + path));
    }

    HttpRequest.Builder get(String path) {
        return to(path).GET();
    }

    HttpRequest.Builder act(String path) {
        return to(path).POST(BodyPublishers.noBody());
    }

    HttpRequest.Builder send(String method, String path, String type, byte[] body) {
        return to(path).header("content-type", type).method(method, BodyPublishers.ofByteArray(body));
    }

    HttpRequest.Builder post(String path, Object body) throws IOException {
        return send("POST", path, JSON, MAPPER.writeValueAsBytes(body));
    }

    HttpRequest.Builder put(String path, Object body) throws IOException {
        return send("PUT", path, JSON, MAPPER.writeValueAsBytes(body));
    }

    /** An answer that the contract lists. */
    HttpResponse<String> call(String caller, HttpRequest.Builder request) throws Exception {
        HttpResponse<String> answer = clients.get(caller)
                .send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
        String operation = contract.require(answer);
        if (answer.statusCode() < 300) {
            served.add(operation);
        } else if (!answer.body().isEmpty()) {
            causes.add(MAPPER.readTree(answer.body()).path("cause").asText());
        }
        return answer;
    }

    JsonNode succeed(String caller, HttpRequest.Builder request) throws Exception {
        HttpResponse<String> answer = call(caller, request);
        assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
        return MAPPER.readTree(answer.body());
    }

    void refuse(int status, String cause, String caller, HttpRequest.Builder request) throws Exception {
        HttpResponse<String> answer = call(caller, request);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(MAPPER.readTree(answer.body()).path("cause").asText()).isEqualTo(cause);
    }

    @Override
    public void close() {
        clients.values().forEach(HttpClient::close);
    }
}
