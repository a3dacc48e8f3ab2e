package org.kiln.kms.auc;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts requests as {@code kiln_subscriber_cache_total}, by whether the subscriber's keys and numbers were in use already. */
final class CacheMeter {

    private final Counter hits;
    private final Counter misses;

    CacheMeter(MeterRegistry registry) {
        hits = counter(registry, "hit");
        misses = counter(registry, "miss");
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
