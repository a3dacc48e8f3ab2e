package org.kiln.kms.auc;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.Engine;

/** Counts vectors as {@code kiln_vectors_total}, by the engine and the algorithm that made them. */
final class VectorMeter {

    private final Map<Engine, Map<String, Counter>> counters = new EnumMap<>(Engine.class);
    private final MeterRegistry registry;

    VectorMeter(MeterRegistry registry) {
        this.registry = registry;
        for (Engine engine : Engine.values()) {
            counters.put(engine, new ConcurrentHashMap<>());
        }
    }

    void computed(Engine engine, Algorithm algorithm, int count) {
        Map<String, Counter> byAlgorithm = counters.get(engine);
        if (byAlgorithm != null) {
            byAlgorithm
                    .computeIfAbsent(algorithm.label(), label -> counter(engine, label))
                    .increment(count);
        }
    }

    private Counter counter(Engine engine, String algorithm) {
        return Counter.builder("kiln_vectors_total")
                .description("authentication vectors computed")
                .tag("engine", engine.label())
                .tag("algorithm", algorithm)
                .register(registry);
    }
}
