package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.sqn.CounterSequence;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.personalisation.server.KnownCards.Card;

/**
 * The disk of a data folder fills up while it is served from: what cannot be written is refused and not half done, the node
 * lives, and when there is room again everything goes on where it was. The disk is a small file system in memory, for which
 * this must be root; elsewhere it is skipped.
 */
class FullDiskTest {

    /** So many that the disk is full before they are all made. */
    private static final int ORDERED = 4_000;

    private static final int CARDS = 9;
    private static final int IMPORTED = 2_000;

    @TempDir
    private Path folder;

    private Path disk;

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private void mount() throws Exception {
        disk = Files.createDirectory(folder.resolve("disk"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "kiln-test", disk.toString()) == 0,
                "cannot mount a file system here");
    }

    @AfterEach
    void unmount() throws Exception {
        assertThat(run("umount", disk.toString())).isIn(0, 32);
    }

    /** Writes until nothing more goes in. SQLite's log, once it is long, is written anew from its beginning and needs no room. */
    private Path fill() throws IOException {
        Path filler = disk.resolve("filler");
        for (int size = 1 << 20; size > 0; size >>= 4) {
            try (OutputStream out =
                    Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                while (true) {
                    out.write(new byte[size]);
                }
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("No space left");
            }
        }
        return filler;
    }

    /** Whether a card is served: 200, or 503 where a number would have to be written. */
    private static boolean isServed(HttpClient client, KilnProcess kiln, Card card) throws Exception {
        HttpResponse<String> answer = client.send(card.request(kiln.lab(), 2), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isIn(200, 503);
        if (answer.statusCode() == 503) {
            assertThat(answer.headers().firstValue("retry-after")).isPresent();
            return false;
        }
        assertThat(card.take(answer.body(), 2, false)).isEmpty();
        return true;
    }

    /** Each card asks more often than a block of its numbers lasts; room that others give back meanwhile is filled too. */
    private int refusals(HttpClient client, KilnProcess kiln, List<Card> cards) throws Exception {
        int refused = 0;
        for (int attempt = 0; attempt <= CounterSequence.BLOCK; attempt++) {
            Path _ = fill();
            for (Card card : cards) {
                refused += isServed(client, kiln, card) ? 0 : 1;
            }
        }
        return refused;
    }

    @Test
    void nothingIsLostNorHalfDone() throws Exception {
        mount();
        Shop shop = new Shop(disk);
        List<Card> cards = KnownCards.load(folder, shop.data(), CARDS);
        String id;
        long made;
        long entries;
        try (KilnProcess kiln = shop.up();
                HttpClient client = HttpClient.newHttpClient();
                ApiClient operator = shop.client(kiln, "operator");
                ApiClient acme = shop.client(kiln, "acme")) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            for (Card card : cards) {
                assertThat(isServed(client, kiln, card)).isTrue();
            }
            id = shop.ordered(kiln, shop.order("full-1", ORDERED));
            JsonNode order = acme.get(Shop.ORDERS + "/" + id);
            while (order.path("state").asText().equals("GENERATING")
                    && order.path("made").asInt() < ORDERED / 100) {
                order = acme.get(Shop.ORDERS + "/" + id);
            }
            shop.cutLog();
            Path filler = fill();
            entries = shop.count("count(*) from audit_entry");
            assertThat(refusals(client, kiln, cards))
                    .as("counters need the disk")
                    .isPositive();
            assertRefused(operator);
            made = acme.get(Shop.ORDERS + "/" + id).path("made").asLong();
            assertThat(acme.get(Shop.ORDERS + "/" + id).path("state").asText()).isEqualTo("GENERATING");
            assertThat(shop.count("count(*) from audit_entry")).isEqualTo(entries);
            assertThat(shop.count("count(*) from card")).isEqualTo(made);
            assertThat(shop.count("count(*) from subscriber")).isEqualTo(made + CARDS);

            Files.delete(filler);
            JsonNode settled = shop.settled(kiln, id);
            assertThat(settled.path("state").asText()).isEqualTo("READY");
            for (Card card : cards) {
                assertThat(isServed(client, kiln, card)).isTrue();
            }
        }
        importGoesOn(shop);
        assertThat(shop.count("count(distinct iccid) from card")).isEqualTo(ORDERED);
        assertThat(shop.count("count(distinct imsi) from card")).isEqualTo(ORDERED);
        assertThat(shop.hasFile(id, "acme")).isTrue();
        try (Stream<Path> files = Files.list(disk.resolve("data/batches"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".part"))).isEmpty();
        }
    }

    /** An import that finds no room says so, and goes on when it is run again. */
    private void importGoesOn(Shop shop) throws Exception {
        Path load = KnownCards.loadFile(folder.resolve("more.csv"), CARDS, CARDS + IMPORTED);
        Path filler = fill();
        try (FileChannel room = FileChannel.open(filler, StandardOpenOption.WRITE)) {
            room.truncate(room.size() - (512 << 10));
        }
        KilnProcess.Ended refused =
                KilnProcess.run(Map.of(), "subscriber", "import", "--data", shop.data(), load.toString());
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.err()).contains("full", "run the same command again and it goes on");
        Files.delete(filler);
        assertThat(KilnProcess.succeed("subscriber", "import", "--data", shop.data(), load.toString()))
                .contains("imported " + IMPORTED + " subscribers");
        assertThat(shop.count("count(*) from subscriber")).isEqualTo(ORDERED + CARDS + IMPORTED);
    }

    private static void assertRefused(ApiClient operator) {
        assertThatThrownBy(() -> operator.post(Shop.API + "/profiles", Shop.example("profile-tuak-uicc.yaml")))
                .hasMessageContaining("the store cannot take this now, and nothing was changed");
    }
}
