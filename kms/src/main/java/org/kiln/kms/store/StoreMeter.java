package org.kiln.kms.store;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Shows how long the store takes, by the kind of work, in buckets from half a millisecond to five seconds. */
final class StoreMeter {

    private static final Duration[] BUCKETS = {
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5)
    };

    /** What the store is asked for. */
    enum Kind {
        READ,
        SCAN,
        LOAD,
        WRITE
    }

    private final Map<Kind, Timer> done = new EnumMap<>(Kind.class);
    private final Map<Kind, Timer> failed = new EnumMap<>(Kind.class);

    StoreMeter(MeterRegistry registry) {
        for (Kind kind : Kind.values()) {
            done.put(kind, timer(registry, kind, "ok"));
            failed.put(kind, timer(registry, kind, "failed"));
        }
    }

    private static Timer timer(MeterRegistry registry, Kind kind, String outcome) {
        return Timer.builder("kiln_store")
                .description("how long the store took, waiting for a connection and trying again included")
                .tag("kind", kind.name().toLowerCase(Locale.ROOT))
                .tag("outcome", outcome)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    /** @param begun as {@link System#nanoTime} */
    void took(Kind kind, long begun, boolean well) {
        Objects.requireNonNull((well ? done : failed).get(kind))
                .record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
    }
}
