package org.kiln.kms.auc;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.IntSupplier;

/** Counts requests as {@code kiln_subscriber_cache_total}, by whether the subscriber's keys and numbers were in use already. */
final class CacheMeter {

    private final Counter hits;
    private final Counter misses;

    /** @param entries how many subscribers' keys are in use */
    CacheMeter(MeterRegistry registry, IntSupplier entries) {
        hits = counter(registry, "hit");
        misses = counter(registry, "miss");
        Gauge.builder("kiln_subscriber_cache_entries", entries::getAsInt)
                .description("subscribers whose keys are in use")
                .strongReference(true)
                .register(registry);
    }

    private static Counter counter(MeterRegistry registry, String result) {
        return Counter.builder("kiln_subscriber_cache_total")
                .description("requests by whether the subscriber was in use")
                .tag("result", result)
                .register(registry);
    }

    void hit() {
        hits.increment();
    }

    void miss() {
        misses.increment();
    }
}
