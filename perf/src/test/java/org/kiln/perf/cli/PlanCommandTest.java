package org.kiln.perf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.perf.plan.Costs;
import org.kiln.perf.plan.Traffic;
import org.kiln.personalisation.document.DocumentException;
import org.kiln.personalisation.document.Documents;

/** {@code kiln plan} as it is called, with the files that come with it. */
class PlanCommandTest {

    private static final Path PLAN = Path.of("plan");
    private static final int MUTATIONS = 600;

    @TempDir
    private Path folder;

    private final StringWriter errors = new StringWriter();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int run(String... arguments) {
        String[] all = new String[arguments.length + 6];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        String[] files = {
            "--traffic", PLAN.resolve("traffic.yaml").toString(),
            "--costs", PLAN.resolve("costs.json").toString(),
            "--tokens", PLAN.resolve("tokens.yaml").toString()
        };
        System.arraycopy(files, 0, all, arguments.length, files.length);
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            return PlanCommand.commandLine()
                    .setErr(new PrintWriter(errors, true))
                    .execute(all);
        } finally {
            System.setOut(before);
        }
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aHundredMillionSubscribersArePlannedAsJson() throws Exception {
        assertThat(run("--subscribers", "100M", "--busy-hour-factor", "0.1", "--json"))
                .isZero();
        JsonNode plan = new ObjectMapper().readTree(output());
        assertThat(plan.at("/inputs/deployment/subscribers").asLong()).isEqualTo(100_000_000);
        assertThat(plan.at("/inputs/traffic/day/busyHourFactor").asDouble()).isEqualTo(0.1);
        assertThat(plan.at("/figures")).isNotEmpty().allSatisfy(figure -> {
            assertThat(figure.get("value").asDouble())
                    .as(figure.toString())
                    .isFinite()
                    .isNotNegative();
            assertThat(figure.get("formula").asText()).isNotBlank();
            assertThat(figure.get("symbol").asText()).isNotBlank();
        });
    }

    @Test
    void everyFigureIsExplained() {
        assertThat(run("--explain")).isZero();
        assertThat(output()).contains("N(1−φ)·a·f·(1+ρ)/3600", "least M with M·μ·U ≥ λ", "Costs: ");
        printed.reset();
        assertThat(run()).isZero();
        assertThat(output()).doesNotContain("least M with");
    }

    @Test
    void anApplianceIsMarkedAsPublishedNotMeasured() {
        assertThat(run("--token", "luna7", "--explain")).isZero();
        assertThat(output()).contains("published, not measured");
    }

    @Test
    void theDayIsDrawn() throws Exception {
        Path svg = folder.resolve("day.svg");
        assertThat(run("--svg", svg.toString())).isZero();
        var drawn =
                DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder().parse(svg.toFile());
        assertThat(drawn.getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(drawn.getElementsByTagName("rect").getLength()).isGreaterThan(48);
    }

    @Test
    void aSmallDayIsSimulatedAndAgrees() throws Exception {
        Path svg = folder.resolve("played.svg");
        assertThat(run(
                        "simulate",
                        "--subscribers",
                        "300k",
                        "--cache-entries",
                        "20k",
                        "--nodes",
                        "2",
                        "--svg",
                        svg.toString()))
                .as(output())
                .isZero();
        assertThat(output()).contains("requests in a day at 2 nodes", "agrees").doesNotContain("NOT AGREE");
        assertThat(DocumentBuilderFactory.newDefaultInstance()
                        .newDocumentBuilder()
                        .parse(svg.toFile())
                        .getElementsByTagName("polyline")
                        .getLength())
                .isEqualTo(1);
    }

    @Test
    void whatIsWrongIsSaidWithWhatToDo() throws Exception {
        assertThat(run("--subscribers", "many")).isNotZero();
        assertThat(errors.toString()).contains("no whole number such as");
        assertThat(run("--token", "abacus")).isNotZero();
        assertThat(errors.toString()).contains("no token 'abacus'", "softhsm2, luna7");
        Path bad = Files.writeString(
                folder.resolve("bad.yaml"),
                Files.readString(PLAN.resolve("traffic.yaml")).replace("share: 0.55", "share: 5.5"));
        int status = PlanCommand.commandLine()
                .setErr(new PrintWriter(errors, true))
                .execute(
                        "--traffic",
                        bad.toString(),
                        "--costs",
                        PLAN.resolve("costs.json").toString(),
                        "--tokens",
                        PLAN.resolve("tokens.yaml").toString());
        assertThat(status).isNotZero();
        assertThat(errors.toString()).contains("bad.yaml, line ", "share is a share, 0 to 1");
    }

    @Test
    void brokenFilesAreRefusedByTheirRules() throws Exception {
        byte[] traffic = Files.readAllBytes(PLAN.resolve("traffic.yaml"));
        byte[] costs = Files.readAllBytes(PLAN.resolve("costs.json"));
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < MUTATIONS; i++) {
            try {
                Documents.readYaml("traffic", mutated(traffic, random), Traffic.class);
                Documents.readJson("costs", mutated(costs, random), Costs.class);
            } catch (DocumentException e) {
                assertThat(e.getMessage()).isNotBlank();
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", mutation " + i, e);
            }
        }
    }

    private static byte[] mutated(byte[] octets, Random random) {
        byte[] changed = octets.clone();
        for (int i = 0; i <= random.nextInt(3); i++) {
            changed[random.nextInt(changed.length)] = (byte) (32 + random.nextInt(95));
        }
        return changed;
    }
}
