package org.kiln.kms.auc;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.hsm.TokenBusyException;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.Engine;

/**
 * Counts vectors as {@code kiln_vectors_total}, by the engine, the algorithm and whether they were made; and requests that were not
 * answered with vectors, by the reason. All that may be counted is shown before it is, so that the first is seen to have come.
 */
final class VectorMeter {

    private static final Set<String> REASONS = Set.of(
            "unknown",
            "suspended",
            "auts_rejected",
            "too_many_resynchronisations",
            "damaged",
            "unavailable",
            "busy",
            "not_served",
            "other");

    private final Map<Engine, Map<String, Outcomes>> byEngine = new EnumMap<>(Engine.class);
    private final Map<String, Counter> refused;
    private final MeterRegistry registry;

    VectorMeter(MeterRegistry registry) {
        this.registry = registry;
        for (Engine engine : Engine.values()) {
            byEngine.put(engine, new ConcurrentHashMap<>());
        }
        refused = REASONS.stream().collect(Collectors.toUnmodifiableMap(Function.identity(), this::refusals));
    }

    private record Outcomes(Counter computed, Counter failed) {}

    void computed(Engine engine, Algorithm algorithm, int count) {
        outcomes(engine, algorithm.label()).computed.increment(count);
    }

    /** Vectors that were asked of an engine and not made: the token refused, or went away while it made them. */
    void failed(Engine engine, Algorithm algorithm, int count) {
        outcomes(engine, algorithm.label()).failed.increment(count);
    }

    private Outcomes outcomes(Engine engine, String algorithm) {
        Map<String, Outcomes> byAlgorithm = Objects.requireNonNull(byEngine.get(engine));
        Outcomes known = byAlgorithm.get(algorithm);
        return known != null
                ? known
                : byAlgorithm.computeIfAbsent(
                        algorithm,
                        label -> new Outcomes(counter(engine, label, "computed"), counter(engine, label, "failed")));
    }

    /** A request that is answered with {@code why}. */
    void refused(Throwable why) {
        String reason = switch (why) {
            case AuthenticationException.UnknownSubscriber _ -> "unknown";
            case AuthenticationException.Suspended _ -> "suspended";
            case AuthenticationException.Rejected _ -> "auts_rejected";
            case AuthenticationException.TooManyResynchronisations _ -> "too_many_resynchronisations";
            case AuthenticationException.RecordDamaged _ -> "damaged";
            case AuthenticationException.Unavailable _ -> "unavailable";
            case TokenBusyException _ -> "busy";
            case AkaException _ -> "not_served";
            default -> "other";
        };
        Objects.requireNonNull(refused.get(reason)).increment();
    }

    private Counter refusals(String reason) {
        return Counter.builder("kiln_vector_requests_refused_total")
                .description("requests for vectors that were answered without")
                .tag("reason", reason)
                .register(registry);
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
