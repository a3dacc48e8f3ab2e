package org.kiln.perf.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.kiln.kms.server.AucNode;
import org.kiln.perf.plan.Costs;
import org.kiln.perf.scratch.ScratchData;

/**
 * All that {@code kiln plan measure} does.
 *
 * @param where the folder below which a scratch folder is made: on the disk that a node would use
 * @param subscribers in the scratch database
 * @param seconds of each measurement
 * @param warmUpSeconds at most, before HTTP is measured
 * @param story told what is done, a line each
 */
public record Measurements(Path where, int subscribers, int seconds, int warmUpSeconds, Consumer<String> story) {

    private static final int TOKEN_CALLS_A_SECOND = 4000;
    private static final int READS_A_SECOND = 20_000;
    private static final int OPEN = 20_000;

    private static final List<String> LEFT_OUT = List.of(
            "the token's and the node's processors are the same; for a token elsewhere the centre's costs are too high",
            "the caller of the centre runs on the same processors; its share of the processor time is counted in",
            "rows were loaded in the order of their SUPIs; in another order pages are emptier",
            "authentication events, resynchronisations, SUCIs, GSUP and gRPC as loads of their own",
            "PostgreSQL: its rows, reads and writes");

    /** @param command as it was given, to be kept with the figures */
    public Costs run(String command) throws IOException {
        int cores = Runtime.getRuntime().availableProcessors();
        String loadBefore = loadAverage();
        try (ScratchData data = ScratchData.prepare(where, cores)) {
            Costs.Store store;
            Costs.Token token;
            Costs.Request hot;
            Costs.Request cold;
            double openBytes;
            try (AucNode node = data.open()) {
                StoreMeasurement database =
                        new StoreMeasurement(node, data.folder().database(), subscribers, seconds * READS_A_SECOND);
                story.accept("loading and reading " + subscribers + " subscribers");
                store = database.measure();
                story.accept("calling the token");
                TokenMeasurement calls = new TokenMeasurement(node, seconds * TOKEN_CALLS_A_SECOND);
                token = calls.measure();
                openBytes = calls.handleBytes(Math.min(OPEN, subscribers));
                CentreMeasurement centre = new CentreMeasurement(node, subscribers, seconds);
                story.accept("asking the centre, keys not in use");
                cold = centre.cold();
                story.accept("asking the centre, keys in use");
                hot = centre.hot();
                story.accept("filling memory with keys in use");
                openBytes += centre.openBytes(Math.min(OPEN, subscribers));
            }
            story.accept("asking a node over HTTP/2 and TLS");
            HttpMeasurement.Result http = new HttpMeasurement(data.folder(), seconds, warmUpSeconds).measure();
            story.accept("writing");
            try (AucNode node = data.open()) {
                store = new StoreMeasurement(node, data.folder().database(), subscribers, seconds * READS_A_SECOND)
                        .withWrites(store);
            }
            return new Costs(
                    new Costs.Origin(
                            machine(cores),
                            Instant.now().toString(),
                            command,
                            software(),
                            loadBefore + " before, " + loadAverage() + " after"),
                    cores,
                    hot,
                    cold,
                    token,
                    new Costs.Http(
                            Math.max(0, http.rate().cpuMicros() - hot.cpuMicros()),
                            http.rate().cpuMicros(),
                            http.rate().perSecond()),
                    http.wire(),
                    store,
                    openBytes,
                    LEFT_OUT);
        }
    }

    private static String machine(int cores) throws IOException {
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
        return cores + " cores, " + model + ", " + System.getProperty("os.name");
    }

    private static String software() {
        return "Java " + Runtime.version() + ", SoftHSM";
    }

    private static String loadAverage() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
    }
}
