package org.kiln.kms.auc;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.Engine;

/** Counts vectors as {@code kiln_vectors_total}, by the engine, the algorithm and whether they were made. */
final class VectorMeter {

    private final Map<Engine, Map<String, Counter>> computed = new EnumMap<>(Engine.class);
    private final Map<Engine, Map<String, Counter>> failed = new EnumMap<>(Engine.class);
    private final MeterRegistry registry;

    VectorMeter(MeterRegistry registry) {
        this.registry = registry;
        for (Engine engine : Engine.values()) {
            computed.put(engine, new ConcurrentHashMap<>());
            failed.put(engine, new ConcurrentHashMap<>());
        }
    }

    void computed(Engine engine, Algorithm algorithm, int count) {
        count(computed, "computed", engine, algorithm, count);
    }

    /** Vectors that were asked of an engine and not made: the token refused, or went away while it made them. */
    void failed(Engine engine, Algorithm algorithm, int count) {
        count(failed, "failed", engine, algorithm, count);
    }

    private void count(
            Map<Engine, Map<String, Counter>> counters, String outcome, Engine engine, Algorithm algorithm, int count) {
        Map<String, Counter> byAlgorithm = counters.get(engine);
        if (byAlgorithm != null) {
            Counter counter = byAlgorithm.get(algorithm.label());
            if (counter == null) {
                counter = byAlgorithm.computeIfAbsent(algorithm.label(), label -> counter(engine, label, outcome));
            }
            counter.increment(count);
        }
    }

    private Counter counter(Engine engine, String algorithm, String outcome) {
        return Counter.builder("kiln_vectors_total")
                .description("authentication vectors asked of an engine")
                .tag("engine", engine.label())
                .tag("algorithm", algorithm)
                .tag("outcome", outcome)
                .register(registry);
    }
}
