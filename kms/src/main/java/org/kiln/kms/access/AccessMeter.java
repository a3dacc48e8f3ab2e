package org.kiln.kms.access;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** Shows what callers got and were refused. */
public final class AccessMeter {

    private AccessMeter() {}

    /** Counts, of each principal, vectors and refused calls by their reason. */
    public static void count(AccessRules rules, MeterRegistry registry) {
        for (Principal principal : rules.principals()) {
            FunctionCounter.builder("kiln_caller_vectors", principal, Principal::vectors)
                    .description("vectors that a caller got")
                    .tag("caller", principal.name())
                    .register(registry);
            Gauge.builder("kiln_caller_open_calls", principal, Principal::open)
                    .description("calls of a caller with a limit that are not answered yet")
                    .tag("caller", principal.name())
                    .register(registry);
            FunctionCounter.builder("kiln_caller_unknown_subscribers", principal, Principal::askedInVain)
                    .description("requests of a caller for vectors of subscribers whom nobody knows")
                    .tag("caller", principal.name())
                    .register(registry);
            FunctionCounter.builder("kiln_caller_lock_outs", principal, Principal::lockOuts)
                    .description("how often a caller was locked out, for he asked for too many unknown subscribers")
                    .tag("caller", principal.name())
                    .register(registry);
            Gauge.builder("kiln_caller_locked_out", principal, caller -> caller.lockedOutSeconds() > 0 ? 1 : 0)
                    .description("1 while a caller is locked out")
                    .tag("caller", principal.name())
                    .register(registry);
            for (Refusal refusal : Refusal.values()) {
                FunctionCounter.builder("kiln_calls_refused", principal, caller -> caller.refused(refusal))
                        .description("calls that were refused for who made them, or how many he made")
                        .tag("caller", principal.name())
                        .tag("reason", refusal.label())
                        .register(registry);
            }
        }
    }
}
