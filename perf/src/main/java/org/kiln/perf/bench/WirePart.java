package org.kiln.perf.bench;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.kiln.perf.scratch.NodeProcess;
import org.kiln.perf.scratch.ScratchData;

/** A node in a process of its own, asked over the wire by whoever asks it in a network. */
final class WirePart {

    private static final List<Integer> SHARES = List.of(25, 50, 75, 90);

    /** How many measurements' time the times of answers are taken for: so that one stall is not a hundredth of it. */
    private static final int LATENCY_ROUNDS = 5;

    private static final List<Double> PERCENTILES = List.of(50.0, 99.0, 99.9);

    /** The node's threads by how their names begin. */
    private static final Map<String, String> THREADS = new TreeMap<>(Map.of(
            "lane-", "the token and what is computed around it",
            "store-", "the database, the record's MAC",
            "vert.x-eventloo", "network, HTTP/2 and JSON",
            "GC Thread", "garbage",
            "C2 Compiler", "compiling"));

    private final Figures figures;
    private final Yardsticks yardsticks;
    private final ScratchData data;
    private final Scale scale;
    private final WarmUp warmUp;
    private final H2Load h2load;

    WirePart(Figures figures, Yardsticks yardsticks, ScratchData data, Scale scale) {
        this.figures = figures;
        this.yardsticks = yardsticks;
        this.data = data;
        this.scale = scale;
        warmUp = new WarmUp(figures, scale.seconds());
        h2load = new H2Load(data.scratch(), scale.seconds());
    }

    /** Keys are in use when they are asked for. */
    void hot() {
        try (NodeProcess node = Nodes.start(data, 2 * Scale.HOT)) {
            throughput(node, "hot", Scale.HOT);
            latency(node, H2Load.Work.eps(node.labPort(), Scale.HOT, Scale.VECTORS));
        }
    }

    /** Keys are brought into use for each request. */
    void cold() {
        try (NodeProcess node = Nodes.start(data, Scale.FEW)) {
            throughput(node, "cold", 1);
        }
    }

    /** The same, the storage key being in the lane's session: a laboratory's setting. */
    void coldWithSessionKek() {
        data.configure("  kek: token", "  kek: session");
        try (NodeProcess node = Nodes.start(data, Scale.FEW)) {
            H2Load.Work work = H2Load.Work.eps(node.labPort(), Scale.HOT, Scale.VECTORS);
            warmUp.of(node, () -> h2load.rate(work));
            String id = "http.cold-session." + Scale.VECTORS + "v";
            SideBySide rates = new SideBySide()
                    .with(
                            id,
                            "Nudm over HTTP/2, cold, session storage key, " + Scale.VECTORS + " vectors a request",
                            "requests/s",
                            H2Load.how(work) + ", hsm.kek: session",
                            () -> h2load.rate(work));
            yardsticks.addPeer(rates, id);
            rates.into(figures);
        } finally {
            data.configure("  kek: session", "  kek: token");
        }
    }

    /** @param keys in use */
    private void throughput(NodeProcess node, String mode, int keys) {
        H2Load.Work five = H2Load.Work.eps(node.labPort(), Scale.HOT, Scale.VECTORS);
        H2Load.Work one = H2Load.Work.eps(node.labPort(), Scale.HOT, 1);
        GsupLoad gsup = new GsupLoad(node.gsupPort(), Scale.HOT, scale.seconds());
        GrpcLoad streams = grpc(GrpcLoad.Method.STREAM_VECTORS, node);
        GrpcLoad calls = grpc(GrpcLoad.Method.GET_VECTORS, node);
        warmUp.of(node, () -> h2load.rate(five));
        warmUp.of(node, gsup::rate);
        warmUp.of(node, streams::rate);
        warmUp.of(node, calls::rate);
        SideBySide rates = new SideBySide();
        http(rates, mode, Scale.VECTORS, five);
        yardsticks.addPeer(rates, mode);
        rates.with("gsup." + mode, "GSUP, " + mode + ", 5 vectors a request", "requests/s", gsup.how(), gsup::rate);
        yardsticks.addToken(rates, mode, mode, Scale.VECTORS, scale.oneThreadAndAll(), keys);
        rates.with(
                "grpc." + mode,
                "gRPC on streams, " + mode + ", 5 vectors a request",
                "requests/s",
                streams.how(),
                streams::rate);
        rates.with(
                "grpc-unary." + mode,
                "gRPC, each call with a request, " + mode + ", 5 vectors a request",
                "requests/s",
                calls.how(),
                calls::rate);
        http(rates, mode, 1, one);
        rates.into(figures);
        split(mode, node, () -> h2load.rate(five));
    }

    private GrpcLoad grpc(GrpcLoad.Method method, NodeProcess node) {
        return new GrpcLoad(method, node.labPort(), Scale.HOT, Scale.VECTORS, scale.seconds());
    }

    private void http(SideBySide rates, String mode, int vectors, H2Load.Work work) {
        rates.with(
                "http." + mode + "." + vectors + "v",
                "Nudm over HTTP/2, " + mode + ", " + vectors + " vectors a request",
                "requests/s",
                H2Load.how(work),
                () -> h2load.rate(work));
    }

    /** Processor time of a request, by what the node's threads are for. */
    private void split(String mode, NodeProcess node, Supplier<Double> rate) {
        Map<String, Double> before = node.cpuByThreads(THREADS.keySet());
        double requests = rate.get() * scale.seconds();
        Map<String, Double> after = node.cpuByThreads(THREADS.keySet());
        for (String part : after.keySet()) {
            double spent = after.get(part) - before.getOrDefault(part, 0.0);
            figures.take(
                    split(mode) + part,
                    "processor time of a request over HTTP/2, " + mode + ": " + THREADS.get(part),
                    "µs",
                    "/proc of the node's threads '" + part + "…'",
                    () -> spent * 1e6 / requests);
        }
    }

    /** How the names of those figures begin. */
    static String split(String mode) {
        return "split." + mode + ".";
    }

    private void latency(NodeProcess node, H2Load.Work work) {
        double most = figures.value("http.hot." + Scale.VECTORS + "v");
        OpenLoop loop = new OpenLoop(work, LATENCY_ROUNDS * scale.seconds());
        OpenLoop once = new OpenLoop(work, scale.seconds());
        warmUp.of(node, () -> (double) once.at(most / 2).times().getTotalCount() / scale.seconds());
        for (int share : SHARES) {
            OpenLoop.Outcome outcome = loop.at(most * share / 100);
            for (double percentile : PERCENTILES) {
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
}
