package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.demo.KilnProcess;

/** A rotation of the storage keys beside a serving node, killed half way by SIGKILL and gone on with. */
class RotationOfANodeTest {

    private static final int CARDS = 400;

    @TempDir
    private Path folder;

    /** Of the demo's device, which changes operators. */
    private static final int IDENTITIES = 2;

    private String data;

    private long count(String what) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + Path.of(data, "kiln.db"));
                ResultSet row = connection.createStatement().executeQuery("select count(*) from " + what)) {
            row.next();
            return row.getLong(1);
        }
    }

    private List<String> supis() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + Path.of(data, "kiln.db"));
                ResultSet rows = connection
                        .createStatement()
                        .executeQuery("select supi from subscriber where supi in (select 'imsi-' || imsi from card)")) {
            List<String> supis = new ArrayList<>();
            while (rows.next()) {
                supis.add(rows.getString(1));
            }
            return supis;
        }
    }

    private static int authenticate(KilnProcess kiln, HttpClient client, String supi) throws Exception {
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

    private static void assertAllServed(KilnProcess kiln, HttpClient client, List<String> supis) throws Exception {
        for (String supi : supis) {
            assertThat(authenticate(kiln, client, supi)).isEqualTo(200);
        }
    }

    @Test
    void movesEverythingBesideAServingNode() throws Exception {
        data = folder.resolve("data").toString();
        KilnProcess.succeed(
                "demo",
                "--data",
                data,
                "--cards",
                String.valueOf(CARDS),
                "--order",
                Path.of("..", "examples", "order-milenage-uicc.yaml").toString());
        List<String> supis = supis();
        assertThat(supis).as("and the one of the demo's TUAK card").hasSize(CARDS + 1);
        AtomicBoolean done = new AtomicBoolean();
        try (KilnProcess kiln = KilnProcess.up(
                        folder.resolve("kiln.log"), "--data", data, "--port", "0", "--lab", "--lab-port", "0");
                HttpClient client = HttpClient.newHttpClient()) {
            CompletableFuture<Long> caller = CompletableFuture.supplyAsync(() -> {
                try {
                    long rounds = 0;
                    while (!done.get()) {
                        assertAllServed(kiln, client, supis);
                        rounds++;
                    }
                    return rounds;
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            killHalfWay();
            KilnProcess.Ended refused = KilnProcess.run(Map.of(), "storage-key", "destroy", "--data", data, "1");
            assertThat(refused.exitCode()).isNotZero();
            assertThat(refused.err()).contains("are still wrapped under it; run 'kiln storage-key rotate'");

            assertThat(KilnProcess.succeed("storage-key", "rotate", "--data", data))
                    .contains(
                            "left under version 1: {subscribers=0, subscribers of unfinished load files=0, cards=0, lines of files=0, identities=0}");
            assertThat(count("subscriber where ki_key = 'SK-2' and opc_key = 'SKO-2'"))
                    .isEqualTo(CARDS + IDENTITIES);
            assertThat(count("identity where operator_keys like '%\"SK-2:%'")).isEqualTo(IDENTITIES);
            assertThat(count("card where operator_keys like '%\"SK-1:%'")).isZero();
            assertThat(KilnProcess.succeed("storage-key", "destroy", "--data", data, "1"))
                    .isEqualTo("version 1 of the storage keys is destroyed");
            assertThat(KilnProcess.succeed("storage-key", "status", "--data", data))
                    .contains(
                            "1 DESTROYED",
                            "2 CURRENT",
                            "{subscribers=" + (CARDS + 1 + IDENTITIES)
                                    + ", subscribers of unfinished load files=0, cards=" + CARDS
                                    + ", lines of files=0, identities="
                                    + IDENTITIES + "}");
            assertThat(KilnProcess.succeed("hsm", "audit", "--data", data))
                    .contains("SKH-2")
                    .doesNotContain("SK-1", "SKH-1")
                    .endsWith("0 violations");
            assertAllServed(kiln, client, supis);
            done.set(true);
            assertThat(caller.join()).isPositive();
            assertThat(kiln.stop()).isZero();
        } finally {
            done.set(true);
        }
        try (KilnProcess again = KilnProcess.up(
                        folder.resolve("kiln.log"), "--data", data, "--port", "0", "--lab", "--lab-port", "0");
                HttpClient client = HttpClient.newHttpClient()) {
            assertAllServed(again, client, supis);
        }
    }

    /** One page is moved at once, and the rate leaves a second before the next. */
    private void killHalfWay() throws Exception {
        Process rotation = KilnProcess.begin(
                folder.resolve("rotation.log"), "storage-key", "rotate", "--data", data, "--rate", "100");
        while (rotation.isAlive() && count("subscriber where ki_key = 'SK-2'") == 0) {
            Thread.onSpinWait();
        }
        rotation.destroyForcibly().waitFor();
        assertThat(folder.resolve("rotation.log")).content().contains("SK-2 and SKH-2 made");
        assertThat(count("subscriber where ki_key = 'SK-2'")).isStrictlyBetween(0L, (long) CARDS + IDENTITIES);
    }
}
