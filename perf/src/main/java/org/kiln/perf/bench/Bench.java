package org.kiln.perf.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.kiln.kms.server.AucNode;
import org.kiln.perf.scratch.NodeProcess;
import org.kiln.perf.scratch.ScratchData;
import org.kiln.token.TokenProfile;

/**
 * A run of {@code kiln bench}.
 *
 * @param where below which a scratch folder is made, on the disk to be measured
 * @param ceiling {@code token_ceiling.c}
 * @param seconds of each measurement
 * @param subscribers of the large database
 * @param story told what is done, a line each
 */
public record Bench(Path where, Path ceiling, int seconds, int subscribers, Consumer<String> story) {

    /** Subscribers whose keys a node has in use, where that is measured. */
    private static final int HOT = 10_000;

    /** So few that by the time that one is asked for again his keys are no longer in use. */
    private static final int FEW = 500;

    private static final int VECTORS = 5;
    private static final int THREADS = 2;
    private static final int MOST_WARM_UPS = 40;
    private static final int ROUNDS_WITHOUT_GAIN = 4;
    private static final double LUNA_APPLIANCES = 107_000;
    private static final List<Integer> SHARES = List.of(25, 50, 75, 90);
    private static final List<Integer> HANDLES = List.of(1_000, 10_000, 100_000);

    /** The node's threads by how their names begin. */
    private static final Map<String, String> PARTS = new TreeMap<>(Map.of(
            "lane-", "the token and what is computed around it",
            "store-", "the database, the record's MAC",
            "vert.x-eventloo", "network, HTTP/2 and JSON",
            "GC Thread", "garbage",
            "C2 Compiler", "compiling"));

    /** What is measured, as it comes. */
    private static final class Figures {

        private final Map<String, Figure> figures = new LinkedHashMap<>();
        private final List<String> leftOut = new ArrayList<>();
        private final Consumer<String> story;

        Figures(Consumer<String> story) {
            this.story = story;
        }

        void take(String id, String what, String unit, String how, Supplier<Double> measurement) {
            double value = measurement.get();
            figures.put(id, new Figure(id, what, value, unit, how));
            story.accept(String.format("%-52s %,12.0f %s", what, value, unit));
        }

        /** A part that a machine may lack the means for; the rest is measured all the same. */
        void part(String name, Runnable part) {
            try {
                part.run();
            } catch (BenchException e) {
                leftOut.add(name + ": " + e.getMessage());
                story.accept(name + " is left out: " + e.getMessage());
            }
        }

        double value(String id) {
            Figure figure = figures.get(id);
            return figure == null ? Double.NaN : figure.value();
        }

        double ratio(String of, String to) {
            return value(of) / value(to);
        }
    }

    /** @param command as it was given, to be kept with the figures */
    public Report run(String command) throws IOException {
        String begun = Instant.now().toString();
        String before = Machine.load();
        Figures figures = new Figures(story);
        try (ScratchData data = ScratchData.prepare(where, THREADS)) {
            Path scratch = data.scratch();
            try (AucNode node = data.open()) {
                ScratchData.load(node, HOT);
            }
            figures.part("the token's ceiling", () -> ceiling(figures, data, scratch));
            figures.part("Kiln in process", () -> inProcess(figures));
            data.configure("  enabled: false", "  enabled: true");
            data.configure("  port: 4222", "  port: 0");
            figures.part("Kiln, keys in use", () -> overTheWire(figures, data, scratch, "hot", 2 * HOT, true));
            figures.part("Kiln, keys not in use", () -> overTheWire(figures, data, scratch, "cold", FEW, false));
            figures.part("OsmoHLR", () -> peer(figures, scratch));
            figures.part("growth", () -> growth(figures, data, scratch));
        }
        return new Report(
                Machine.describe(),
                Machine.software(),
                begun,
                command,
                before + " before, " + Machine.load() + " after",
                List.copyOf(figures.figures.values()),
                targets(figures),
                figures.leftOut);
    }

    private void ceiling(Figures figures, ScratchData data, Path scratch) {
        TokenCeiling token = new TokenCeiling(
                ceiling, scratch, TokenProfile.named("softhsm2").findModule(), data.folder(), seconds);
        for (int threads = 1; threads <= THREADS; threads++) {
            for (int vectors : List.of(1, VECTORS)) {
                for (String mode : List.of("cold", "cold-session", "hot")) {
                    int of = threads;
                    figures.take(
                            id("ceiling", mode, vectors, threads),
                            "token alone, " + mode + ", " + vectors + " vectors, " + threads + " threads",
                            "authentications/s",
                            "perf/ceiling/token_ceiling.c " + mode + " " + vectors + " " + threads,
                            () -> token.rate(mode, vectors, of));
                }
            }
        }
        for (int handles : HANDLES) {
            figures.take(
                    "ceiling.hot.handles" + handles,
                    "token alone, hot, 5 vectors, 1 thread, " + handles + " keys in use",
                    "authentications/s",
                    "perf/ceiling/token_ceiling.c hot 5 1 handles=" + handles,
                    () -> token.rate("hot", VECTORS, 1, "handles=" + handles));
        }
        figures.take(
                "ceiling.generate",
                "token alone, keys generated and wrapped twice, 2 threads",
                "keys/s",
                "perf/ceiling/token_ceiling.c generate 1 2",
                () -> token.rate("generate", 1, THREADS));
    }

    private static String id(String part, String mode, int vectors, int threads) {
        return part + "." + mode + "." + vectors + "v." + threads + "t";
    }

    private void inProcess(Figures figures) {
        InProcess jmh = new InProcess(seconds);
        for (String mode : List.of("cold", "hot")) {
            for (int vectors : List.of(1, VECTORS)) {
                InProcess.Score score = jmh.run(mode, vectors, THREADS);
                figures.take(
                        id("jmh", mode, vectors, THREADS),
                        "Kiln in process, " + mode + ", " + vectors + " vectors, 2 threads",
                        "authentications/s",
                        InProcess.how(mode, vectors, THREADS),
                        score::perSecond);
                figures.take(
                        id("jmh", mode, vectors, THREADS) + ".octets",
                        "allocated for each vector, " + mode + ", " + vectors + " vectors a request",
                        "B",
                        InProcess.how(mode, vectors, THREADS),
                        () -> score.octets() / vectors);
            }
        }
    }

    private void overTheWire(
            Figures figures, ScratchData data, Path scratch, String mode, int capacity, boolean openLoop) {
        data.configure("  activeSubscribers: .*", "  activeSubscribers: " + capacity);
        H2Load h2load = new H2Load(scratch, seconds);
        try (NodeProcess node = start(data)) {
            H2Load.Work five = new H2Load.Work(node.labPort(), HOT, VECTORS);
            H2Load.Work one = new H2Load.Work(node.labPort(), HOT, 1);
            warmUp(() -> h2load.rate(five));
            for (H2Load.Work work : List.of(five, one)) {
                figures.take(
                        "http." + mode + "." + work.vectors() + "v",
                        "Nudm over HTTP/2, " + mode + ", " + work.vectors() + " vectors a request",
                        "requests/s",
                        H2Load.how(work),
                        () -> h2load.rate(work));
            }
            split(figures, mode, node, () -> h2load.rate(five));
            GsupLoad gsup = new GsupLoad(node.gsupPort(), HOT, seconds);
            warmUp(gsup::rate);
            figures.take(
                    "gsup." + mode, "GSUP, " + mode + ", 5 vectors a request", "requests/s", gsup.how(), gsup::rate);
            GrpcLoad grpc = new GrpcLoad(node.labPort(), HOT, VECTORS, seconds);
            warmUp(grpc::rate);
            figures.take(
                    "grpc." + mode,
                    "gRPC on streams, " + mode + ", 5 vectors a request",
                    "requests/s",
                    grpc.how(),
                    grpc::rate);
            if (openLoop) {
                latency(figures, five);
            }
        }
    }

    /** Processor time of a request, by what the node's threads are for. */
    private void split(Figures figures, String mode, NodeProcess node, Supplier<Double> rate) {
        Map<String, Double> before = node.cpuByThreads(PARTS.keySet());
        double requests = rate.get() * seconds;
        Map<String, Double> after = node.cpuByThreads(PARTS.keySet());
        for (String part : after.keySet()) {
            double spent = after.get(part) - before.getOrDefault(part, 0.0);
            figures.take(
                    "split." + mode + "." + part,
                    "processor time of a request over HTTP/2, " + mode + ": " + PARTS.get(part),
                    "µs",
                    "/proc of the node's threads '" + part + "…'",
                    () -> spent * 1e6 / requests);
        }
    }

    /** Until it no longer becomes faster, as a process does that has compiled what is called often. */
    private void warmUp(Supplier<Double> rate) {
        double best = 0;
        int since = 0;
        for (int round = 0; round < MOST_WARM_UPS && since < ROUNDS_WITHOUT_GAIN; round++) {
            double now = rate.get();
            since = now > 1.03 * best ? 0 : since + 1;
            best = Math.max(best, now);
        }
        story.accept(String.format("warmed up at %,.0f a second", best));
    }

    private NodeProcess start(ScratchData data) {
        try {
            return NodeProcess.start(data.folder().root(), "--lab", "--lab-port", "0");
        } catch (IOException e) {
            throw new BenchException("kiln up does not come up: " + e.getMessage(), e);
        }
    }

    private void latency(Figures figures, H2Load.Work work) {
        double most = figures.value("http.hot." + VECTORS + "v");
        for (int share : SHARES) {
            OpenLoop.Outcome outcome = new OpenLoop(work, 2 * seconds).at(most * share / 100);
            for (double percentile : List.of(50.0, 99.0, 99.9)) {
                figures.take(
                        "latency." + share + ".p" + percentile,
                        String.format("time of %s %% of requests at %d %% of the highest rate", percentile, share),
                        "ms",
                        "constant rate, timed from when each was due",
                        () -> outcome.millis(percentile));
            }
            figures.take(
                    "latency." + share + ".failed",
                    "requests not answered by 200 at " + share + " %",
                    "requests",
                    "of " + outcome.times().getTotalCount(),
                    () -> (double) outcome.failed());
        }
    }

    private void peer(Figures figures, Path scratch) {
        try (OsmoHlr hlr = OsmoHlr.start(scratch, HOT)) {
            GsupLoad gsup = new GsupLoad(hlr.gsupPort(), HOT, seconds);
            warmUp(gsup::rate);
            figures.take("osmohlr.gsup", "OsmoHLR, GSUP, 5 vectors a request", "requests/s", gsup.how(), gsup::rate);
        }
    }

    /** The same node with so many subscribers more, each asked for in turn over a spread of them all. */
    private void growth(Figures figures, ScratchData data, Path scratch) {
        try (AucNode node = data.open()) {
            ScratchData.load(node, HOT, subscribers);
        }
        data.configure("  activeSubscribers: .*", "  activeSubscribers: " + FEW);
        long begun = System.nanoTime();
        try (NodeProcess node = start(data)) {
            double ready = (System.nanoTime() - begun) / 1e9;
            figures.take(
                    "start." + subscribers,
                    "start to ready with " + subscribers + " subscribers",
                    "s",
                    "kiln up, SQLite",
                    () -> ready);
            H2Load h2load = new H2Load(scratch, seconds);
            H2Load.Work all = new H2Load.Work(node.labPort(), subscribers, VECTORS);
            warmUp(() -> h2load.rate(all));
            figures.take(
                    "growth.all",
                    "Nudm over HTTP/2, cold, among " + subscribers,
                    "requests/s",
                    H2Load.how(all),
                    () -> h2load.rate(all));
        }
    }

    private static List<Target> targets(Figures figures) {
        return List.of(
                least(
                        "in process, cold, 2 threads, against the token alone",
                        0.90,
                        figures.ratio("jmh.cold.1v.2t", "ceiling.cold.1v.2t")),
                least("in process, hot, likewise", 0.85, figures.ratio("jmh.hot.1v.2t", "ceiling.hot.1v.2t")),
                least(
                        "HTTP/2, hot, 5 vectors, against OsmoHLR's GSUP",
                        6,
                        figures.ratio("http.hot.5v", "osmohlr.gsup")),
                least("HTTP/2, cold, locked storage key, likewise", 2.5, figures.ratio("http.cold.5v", "osmohlr.gsup")),
                least(
                        "HTTP/2, hot, vectors, against 107,000/s published for 16 Luna 7",
                        1.5,
                        VECTORS * figures.value("http.hot.5v") / LUNA_APPLIANCES),
                least("GSUP, hot, against OsmoHLR's", 8, figures.ratio("gsup.hot", "osmohlr.gsup")),
                least("GSUP, cold, likewise", 3, figures.ratio("gsup.cold", "osmohlr.gsup")),
                least(
                        "gRPC on streams, hot, against the token alone, 5 vectors a call",
                        0.5,
                        figures.ratio("grpc.hot", "ceiling.hot.5v.2t")),
                most("99 % of requests at half the highest rate, ms", 5, figures.value("latency.50.p99.0")),
                most("requests at half the highest rate that fail", 0, figures.value("latency.50.failed")),
                most(
                        "heap a vector on the way through the centre's core, B",
                        1024,
                        figures.value("jmh.hot.5v.2t.octets")),
                least(
                        "cold, among all of the large database, against a database of 10,000",
                        0.8,
                        figures.ratio("growth.all", "http.cold.5v")));
    }

    private static Target least(String what, double bound, double value) {
        return new Target(what, value, bound, false);
    }

    private static Target most(String what, double bound, double value) {
        return new Target(what, value, bound, true);
    }
}
