package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.demo.KilnProcess;

/** A second token brought into a node, and new storage keys into both, by the commands that people type. */
class ClusterOfTokensTest {

    @TempDir
    private Path folder;

    private Path data;

    @BeforeEach
    void prepare() throws Exception {
        data = folder.resolve("data");
        KilnProcess.succeed(
                "init",
                "--data",
                data.toString(),
                "--backup",
                folder.resolve("keys.json").toString(),
                "--shares-to",
                folder.resolve("shares").toString(),
                "--shares",
                "2",
                "--threshold",
                "2");
        makeSecondToken();
        Files.writeString(folder.resolve("so-b.pin"), "so-b-12345678");
        Files.writeString(data.resolve("pins/user-b.pin"), "user-b-12345678");
        Path configuration = data.resolve("kiln.yaml");
        Files.writeString(
                configuration,
                Files.readString(configuration)
                        .replace(
                                "  cluster: []",
                                "  cluster:\n    - {token: kiln-b, module: same, environment: {}, userPinFile:"
                                        + " pins/user-b.pin}"));
    }

    private void makeSecondToken() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        "softhsm2-util",
                        "--init-token",
                        "--free",
                        "--label",
                        "kiln-b",
                        "--so-pin",
                        "so-b-12345678",
                        "--pin",
                        "user-b-12345678")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("softhsm.log").toFile());
        builder.environment()
                .put("SOFTHSM2_CONF", data.resolve("hsm/softhsm2.conf").toString());
        assertThat(builder.start().waitFor()).isZero();
    }

    private String[] withShares(String... command) {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(List.of(
                "--data",
                data.toString(),
                "--backup",
                folder.resolve("keys.json").toString(),
                "--share",
                folder.resolve("shares/share-1.txt").toString(),
                "--share",
                folder.resolve("shares/share-2.txt").toString()));
        return arguments.toArray(String[]::new);
    }

    private String bring() throws Exception {
        return KilnProcess.succeed(withShares(
                "storage-key",
                "bring",
                "--token",
                "kiln-b",
                "--so-pin-file",
                folder.resolve("so-b.pin").toString()));
    }

    private String metricsOfANode() throws Exception {
        try (KilnProcess kiln = KilnProcess.up(
                        folder.resolve("kiln.log"),
                        "--data",
                        data.toString(),
                        "--port",
                        "0",
                        "--lab",
                        "--lab-port",
                        "0");
                HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://" + kiln.lab() + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void bothTokensServeAndGetNewStorageKeysTogether() throws Exception {
        assertThat(metricsOfANode())
                .contains("kiln_token_in_service{token=\"kiln\"} 1.0", "kiln_token_in_service{token=\"kiln-b\"} 0.0");

        assertThat(bring()).contains("SK-1", "SKH-1", "record-master");
        assertThat(bring()).contains("holds all keys");
        assertThat(metricsOfANode())
                .contains("kiln_token_in_service{token=\"kiln\"} 1.0", "kiln_token_in_service{token=\"kiln-b\"} 1.0");

        KilnProcess.Ended begun = KilnProcess.run(Map.of(), withShares("storage-key", "rotate"));
        assertThat(begun.exitCode()).isNotZero();
        assertThat(begun.err()).contains("bring them into the other tokens");
        assertThat(bring()).contains("SK-2", "SKH-2").doesNotContain("SK-1");
        assertThat(KilnProcess.succeed(withShares("storage-key", "rotate")))
                .contains(
                        "left under version 1: {subscribers=0, subscribers of unfinished load files=0, cards=0, lines of files=0, identities=0}");
        KilnProcess.succeed("storage-key", "destroy", "--data", data.toString(), "1");
        assertThat(metricsOfANode())
                .contains("kiln_token_in_service{token=\"kiln\"} 1.0", "kiln_token_in_service{token=\"kiln-b\"} 1.0");
    }
}
