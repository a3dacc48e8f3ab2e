package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.envelope.Opener;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.output.OutputFormats;

/**
 * The heap of a service that makes a large batch, from its order to its file's delivery: what lives after a full collection
 * does not grow with the batch. Off unless {@code -Dkiln.large.cards=1000000} says how large; see docs/personalisation.md.
 */
class LargeBatchTest {

    private static final int CARDS = Integer.getInteger("kiln.large.cards", 0);
    private static final String HEAP = System.getProperty("kiln.large.heap", "-Xmx256m");
    private static final int SAMPLES = 40;
    private static final int FEWEST = 6;
    private static final double ALLOWED_MIB = 24;
    private static final Pattern FULL = Pattern.compile("Pause Full.* (\\d+)([KM])->(\\d+)([KM])\\(");

    @TempDir
    private Path folder;

    private final List<Sample> samples = new ArrayList<>();
    private final Instant began = Instant.now();

    private record Sample(long seconds, String state, long cards, double mebibytes) {}

    @Test
    void livesInAHeapThatDoesNotGrow() throws Exception {
        assumeTrue(CARDS > 0, "a long run, off by default: say -Dkiln.large.cards=1000000");
        Shop shop = new Shop(folder);
        Path collections = folder.resolve("gc.log");
        Path file = folder.resolve("acme.kiln");
        try (KilnProcess kiln = shop.up(HEAP, "-Xlog:gc:file=" + collections);
                ApiClient acme = shop.client(kiln, "acme")) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            String id = shop.ordered(kiln, shop.order("large-1", CARDS));
            long next = 0;
            JsonNode order = acme.get(Shop.ORDERS + "/" + id);
            while (order.path("state").asText().equals("GENERATING")) {
                long made = order.path("made").asLong();
                if (made >= next && made < CARDS) {
                    sample(kiln, collections, "GENERATING", made);
                    next = made + CARDS / SAMPLES;
                } else if (made == CARDS) {
                    sample(kiln, collections, "WRITING", made);
                }
                Thread.sleep(Duration.ofSeconds(2));
                order = acme.get(Shop.ORDERS + "/" + id);
            }
            assertThat(order.path("state").asText()).isEqualTo("READY");
            sample(kiln, collections, "READY", CARDS);
            acme.download(Shop.ORDERS + "/" + id + "/files/acme", file);
            sample(kiln, collections, "DELIVERED", CARDS);
        }
        assertThat(cards(shop, file)).isEqualTo(CARDS);
        assertFlat();
    }

    private void sample(KilnProcess kiln, Path collections, String state, long cards) throws Exception {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process collect = new ProcessBuilder(jcmd.toString(), String.valueOf(kiln.pid()), "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(collect.waitFor()).isZero();
        samples.add(
                new Sample(Duration.between(began, Instant.now()).toSeconds(), state, cards, lastFull(collections)));
        write();
    }

    private static double lastFull(Path collections) throws IOException {
        double mebibytes = -1;
        for (String line : Files.readAllLines(collections)) {
            Matcher full = FULL.matcher(line);
            if (full.find()) {
                mebibytes = Integer.parseInt(full.group(3)) / (full.group(4).equals("K") ? 1024.0 : 1.0);
            }
        }
        assertThat(mebibytes).as("a full collection in the log").isNotNegative();
        return mebibytes;
    }

    private void write() throws IOException {
        List<String> lines = new ArrayList<>(List.of("seconds,state,cards,heap after full collection (MiB)"));
        samples.forEach(sample -> lines.add(String.format(
                Locale.ROOT, "%d,%s,%d,%.1f", sample.seconds, sample.state, sample.cards, sample.mebibytes)));
        Files.write(Path.of("target", "large-batch-heap.csv"), lines);
    }

    private static long cards(Shop shop, Path file) throws Exception {
        Opener opener =
                new Opener(shop.identity("delivery"), SignerTrust.pinned(shop.signer()), InstantSource.system());
        long[] cards = new long[1];
        opener.open(file, opener.verify(file), in -> BatchReader.read(in, OutputFormats.PARSER, card -> cards[0]++));
        return cards[0];
    }

    /** What the later samples hold is no more than the earlier ones', but for what comes and goes. */
    private void assertFlat() {
        assertThat(samples).hasSizeGreaterThanOrEqualTo(FEWEST);
        int half = samples.size() / 2;
        double early = highest(samples.subList(1, half));
        double late = highest(samples.subList(half, samples.size()));
        assertThat(late).as(samples.toString()).isLessThan(early + ALLOWED_MIB);
    }

    private static double highest(List<Sample> some) {
        return some.stream().mapToDouble(Sample::mebibytes).max().orElseThrow();
    }
}
