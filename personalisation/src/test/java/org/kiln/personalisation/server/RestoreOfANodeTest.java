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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.demo.KilnProcess;

/** Backup at the first ceremony and at a rotation, and a second node from it, by the commands that people type. */
class RestoreOfANodeTest {

    private static final List<String> SUPIS = List.of("imsi-001010000000101", "imsi-001010000000102");

    @TempDir
    private Path folder;

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    private String[] withShares(List<String> command, int... shares) {
        List<String> arguments = new ArrayList<>(command);
        arguments.addAll(List.of("--backup", path("keys.json")));
        for (int share : shares) {
            arguments.addAll(List.of("--share", path("shares/share-" + share + ".txt")));
        }
        return arguments.toArray(String[]::new);
    }

    private static int authenticate(KilnProcess kiln, String supi) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://" + kiln.lab() + "/nudm-ueau/v1/" + supi
                                            + "/security-information/generate-auth-data"))
                                    .header("content-type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(
                                            "{\"servingNetworkName\":\"5G:mnc001.mcc001.3gppnetwork.org\","
                                                    + "\"ausfInstanceId\":\"3fa85f64-5717-4562-b3fc-2c963f66afa6\"}"))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private void provision() throws Exception {
        Path examples = Path.of("..", "examples");
        KilnProcess.succeed(
                "transport-key",
                "import",
                "--data",
                path("first"),
                "--label",
                "example-in",
                "--partner",
                "example",
                "--direction",
                "incoming",
                "--component",
                examples.resolve("component-alice.txt").toString(),
                "--component",
                examples.resolve("component-bob.txt").toString());
        KilnProcess.succeed(
                "subscriber",
                "import",
                "--data",
                path("first"),
                examples.resolve("subscribers.csv").toString());
    }

    @Test
    void aSecondNodeServesTheSameSubscribers() throws Exception {
        KilnProcess.succeed(
                "init",
                "--data",
                path("first"),
                "--backup",
                path("keys.json"),
                "--shares-to",
                path("shares"),
                "--shares",
                "3",
                "--threshold",
                "2");
        provision();
        assertThat(KilnProcess.succeed(withShares(List.of("storage-key", "rotate", "--data", path("first")), 1, 3)))
                .contains(
                        "SK-2 and SKH-2 made",
                        "left under version 1: {subscribers=0, subscribers of unfinished load files=0, cards=0, lines of files=0, identities=0}");
        KilnProcess.succeed("storage-key", "destroy", "--data", path("first"), "1");

        KilnProcess.Ended tooFew =
                KilnProcess.run(Map.of(), withShares(List.of("storage-key", "restore", "--data", path("poor")), 2));
        assertThat(tooFew.exitCode()).isNotZero();
        assertThat(tooFew.err()).contains("the backup key takes 2 shares; 1 are given");

        assertThat(KilnProcess.succeed(withShares(List.of("storage-key", "restore", "--data", path("second")), 2, 3)))
                .contains("storage keys [1, 2]");
        assertThat(KilnProcess.succeed("hsm", "audit", "--data", path("second")))
                .endsWith("0 violations");
        for (String suffix : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(Path.of(path("second"), "kiln.db" + suffix));
        }
        Files.copy(Path.of(path("first"), "kiln.db"), Path.of(path("second"), "kiln.db"));
        try (KilnProcess kiln = KilnProcess.up(
                folder.resolve("kiln.log"), "--data", path("second"), "--port", "0", "--lab", "--lab-port", "0")) {
            for (String supi : SUPIS) {
                assertThat(authenticate(kiln, supi)).isEqualTo(200);
            }
        }
    }
}
