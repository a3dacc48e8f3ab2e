package org.kiln.perf.bench;

import java.util.List;

/**
 * A ratio of two figures of one run that Kiln is to reach.
 *
 * @param what in words
 * @param value what was reached; not a number if one of the two was not measured
 * @param bound what is to be reached
 * @param atMost whether the bound is an upper one
 */
public record Target(String what, double value, double bound, boolean atMost) {

    private static final double LUNA_APPLIANCES = 107_000;

    /** Whether it was measured, and reached. */
    public boolean isReached() {
        return atMost ? value <= bound : value >= bound;
    }

    /** Whether both of its figures were measured. */
    public boolean isMeasured() {
        return !Double.isNaN(value);
    }

    static List<Target> of(Figures figures, Scale scale) {
        String grown = GrowthPart.id("growth", "SQLite", scale.subscribers());
        return List.of(
                least(
                        "in process, cold, 2 threads, against the token alone",
                        0.90,
                        besideToken(figures, "jmh.cold.1v.2t", "jmh.cold.1v.2t")),
                least("in process, hot, likewise", 0.85, besideToken(figures, "jmh.hot.1v.2t", "jmh.hot.1v.2t")),
                least("HTTP/2, hot, 5 vectors, against OsmoHLR's GSUP", 6, besidePeer(figures, "http.hot.5v", "hot")),
                least("HTTP/2, cold, locked storage key, likewise", 2.5, besidePeer(figures, "http.cold.5v", "cold")),
                least(
                        "HTTP/2, cold, session storage key, likewise",
                        4,
                        besidePeer(figures, "http.cold-session.5v", "http.cold-session.5v")),
                least(
                        "HTTP/2, hot, vectors, against 107,000/s published for 16 Luna 7",
                        1.5,
                        Scale.VECTORS * figures.value("http.hot.5v") / LUNA_APPLIANCES),
                least("GSUP, hot, against OsmoHLR's", 8, besidePeer(figures, "gsup.hot", "hot")),
                least("GSUP, cold, likewise", 3, besidePeer(figures, "gsup.cold", "cold")),
                least(
                        "gRPC on streams, hot, against the token alone with as many keys in use, 5 vectors a call",
                        0.5,
                        besideToken(figures, "grpc.hot", "hot")),
                most("99 % of requests at half the highest rate, ms", 5, figures.value("latency.50.p99.0")),
                most("requests at half the highest rate that fail", 0, figures.value("latency.50.failed")),
                most(
                        "heap a vector on the way through the centre's core, B",
                        1024,
                        figures.value("jmh.hot.5v.2t.octets")),
                least(
                        "keys and codes of cards, against keys that the token alone generates and wraps twice",
                        0.8,
                        figures.ratio("cards.keys", Yardsticks.tokenBeside("cards") + ".keys")),
                least("cards, against the token alone with their calls", 0.8, besideToken(figures, "cards", "cards")),
                most(
                        String.format("highest heap after a collection, of a batch of %,d cards, MiB", scale.cards()),
                        256,
                        figures.value("cards.heap")),
                least(
                        String.format("cold, among %,d subscribers, against a database of 10,000", scale.subscribers()),
                        0.8,
                        figures.ratio(grown, GrowthPart.smallBeside(grown))),
                most(
                        String.format("start to ready with %,d subscribers, s", scale.subscribers()),
                        5,
                        figures.value(GrowthPart.id("start", "SQLite", scale.subscribers()))));
    }

    private static double besideToken(Figures figures, String id, String beside) {
        return figures.ratio(id, Yardsticks.tokenBeside(beside));
    }

    private static double besidePeer(Figures figures, String id, String beside) {
        return figures.ratio(id, Yardsticks.peerBeside(beside));
    }

    private static Target least(String what, double bound, double value) {
        return new Target(what, value, bound, false);
    }

    private static Target most(String what, double bound, double value) {
        return new Target(what, value, bound, true);
    }
}
