package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.api.RouteContract;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.token.CompiledModule;

/** When the queue of the one lane is full because the token hangs, callers are told at once to come back. */
class CongestionTest {

    private static final int CALLS = 40;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void whoComesToAFullQueueIsToldToComeBack() throws Exception {
        Path held = folder.resolve("held");
        Path module = CompiledModule.compile(folder, "held", "HELD=\"" + held + '"');
        Shop shop = new Shop(folder);
        Path yaml = Path.of(shop.data(), "kiln.yaml");
        Files.writeString(
                yaml,
                Files.readString(yaml)
                        .replaceFirst("(?m)^  module: auto$", "  module: " + module)
                        .replaceFirst("(?m)^  lanes: \\d+$", "  lanes: 1")
                        .replaceFirst("(?m)^  queue: \\d+$", "  queue: 16")
                        .replaceFirst("(?m)^  deadlineMillis: \\d+$", "  deadlineMillis: 600000"));
        assertThat(Files.readString(yaml)).contains("lanes: 1\n", "queue: 16\n", module.toString());
        RouteContract contract = new RouteContract(Path.of("..", "docs", "openapi", "kiln-personalisation.yaml"));
        Path pki = Path.of(shop.data(), "pki");
        try (KilnProcess kiln = shop.up();
                HttpClient acme = HttpClient.newBuilder()
                        .sslContext(ApiClient.tls(pki.resolve("ca.pem"), LabAuthority.client(pki, "acme")))
                        .build()) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            Files.createFile(held);
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int call = 0; call < CALLS; call++) {
                HttpRequest request = HttpRequest.newBuilder(URI.create("https://" + kiln.https() + Shop.ORDERS))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(
                                JSON.writeValueAsBytes(shop.order("crowd-" + call, 1))))
                        .build();
                answers.add(acme.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
                if (call == 0) {
                    // The lane takes what waits in batches: the first must be in the token before the others come.
                    Thread.sleep(3000);
                }
            }
            CompletableFuture<HttpResponse<String>> firstAnswered = new CompletableFuture<>();
            answers.forEach(answer -> answer.thenAccept(firstAnswered::complete));
            HttpResponse<String> first = answered(firstAnswered, held);
            contract.require(first);
            assertThat(first.statusCode()).as(first.body()).isEqualTo(503);
            assertThat(JSON.readTree(first.body()).path("cause").asText()).isEqualTo("NF_CONGESTION");
            assertThat(first.headers().firstValue("retry-after")).isPresent();
            Files.delete(held);
            int taken = 0;
            for (CompletableFuture<HttpResponse<String>> answer : answers) {
                contract.require(answer.join());
                taken += answer.join().statusCode() == 202 ? 1 : 0;
            }
            assertThat(taken).as("those that found a place").isBetween(1, CALLS - 1);
        }
    }

    private static HttpResponse<String> answered(CompletableFuture<HttpResponse<String>> first, Path held)
            throws Exception {
        try {
            return first.get(60, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            Files.delete(held);
            return abort("the lane had taken all calls in one batch before it was held, and its queue was never full");
        }
    }
}
