package org.kiln.perf.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.perf.plan.CapacityModel;
import org.kiln.perf.plan.Costs;
import org.kiln.perf.plan.Deployment;
import org.kiln.perf.plan.Traffic;
import picocli.CommandLine.Option;

/** What a plan and a simulation are made from. */
final class PlanOptions {

    private static final String HOME = "kiln.home";

    @Option(
            names = "--subscribers",
            paramLabel = "N",
            defaultValue = "100M",
            converter = SubscriberNumber.class,
            description = "default: ${DEFAULT-VALUE}")
    private long subscribers;

    @Option(
            names = "--busy-hour-factor",
            paramLabel = "F",
            description =
                    "share of the day's requests in its busiest hour; 0.0417 is a flat day (default: traffic.yaml)")
    private @Nullable Double busyHourFactor;

    @Option(
            names = "--storm-minutes",
            paramLabel = "T",
            description = "within which everybody registers anew after an outage (default: traffic.yaml)")
    private @Nullable Double stormMinutes;

    @Option(
            names = "--traffic",
            paramLabel = "FILE",
            description = "what subscribers ask for (default: perf/plan/traffic.yaml)")
    private @Nullable Path traffic;

    @Option(
            names = "--costs",
            paramLabel = "FILE",
            description = "what 'kiln plan measure' wrote on a machine like your nodes (default: perf/plan/costs.json)")
    private @Nullable Path costs;

    @Option(names = "--tokens", paramLabel = "FILE", description = "rates of tokens (default: perf/plan/tokens.yaml)")
    private @Nullable Path tokens;

    @Option(
            names = "--token",
            paramLabel = "NAME",
            defaultValue = "softhsm2",
            description = "of that file (default: ${DEFAULT-VALUE})")
    private String token = "softhsm2";

    @Option(
            names = "--cores",
            paramLabel = "C",
            description = "processors of a node, each as fast as those measured (default: as measured)")
    private @Nullable Integer cores;

    @Option(
            names = "--cache-entries",
            paramLabel = "N",
            defaultValue = "500k",
            converter = SubscriberNumber.class,
            description = "subscribers whose keys a node keeps in use (default: ${DEFAULT-VALUE})")
    private long cacheEntries;

    @Option(
            names = "--cache-seconds",
            paramLabel = "T",
            defaultValue = "3600",
            description = "how long at most a key stays in use (default: ${DEFAULT-VALUE})")
    private double cacheSeconds;

    @Option(
            names = "--routing",
            defaultValue = "hash",
            description = "${COMPLETION-CANDIDATES}: by the subscriber, or to any node (default: ${DEFAULT-VALUE})")
    private Deployment.Routing routing = Deployment.Routing.HASH;

    @Option(
            names = "--sites",
            defaultValue = "2",
            description = "of which, if there are more than one, any one may be lost (default: ${DEFAULT-VALUE})")
    private int sites;

    @Option(names = "--spares", defaultValue = "1", description = "spare nodes of a site (default: ${DEFAULT-VALUE})")
    private int spares;

    @Option(
            names = "--utilisation",
            defaultValue = "0.6",
            description = "how busy a node may be in the busiest hour (default: ${DEFAULT-VALUE})")
    private double utilisation;

    @Option(
            names = "--storm-utilisation",
            defaultValue = "0.9",
            description = "likewise in a storm (default: ${DEFAULT-VALUE})")
    private double stormUtilisation;

    @Option(
            names = "--scheme",
            defaultValue = "TIME_BASED",
            description = "of sequence numbers: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private SqnScheme scheme = SqnScheme.TIME_BASED;

    @Option(names = "--ind-bits", defaultValue = "5", description = "bits of IND (default: ${DEFAULT-VALUE})")
    private int indBits;

    CapacityModel model() {
        Costs measured = PlanFiles.costs(orDefault(costs, "costs.json"));
        Traffic assumed = PlanFiles.traffic(orDefault(traffic, "traffic.yaml"));
        Traffic busy = busyHourFactor == null ? assumed : assumed.withBusyHourFactor(busyHourFactor);
        return new CapacityModel(
                stormMinutes == null ? busy : busy.withStormMinutes(stormMinutes),
                measured,
                new Deployment(
                        subscribers,
                        cores == null ? measured.cores() : cores,
                        cacheEntries,
                        cacheSeconds,
                        routing,
                        sites,
                        spares,
                        utilisation,
                        stormUtilisation,
                        scheme,
                        indBits,
                        PlanFiles.token(orDefault(tokens, "tokens.yaml"), token)));
    }

    private static Path orDefault(@Nullable Path given, String name) {
        return given != null
                ? given
                : Path.of(Optional.ofNullable(System.getProperty(HOME)).orElse("."), "perf", "plan", name);
    }
}
