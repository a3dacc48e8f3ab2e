package org.kiln.perf.plan;

import org.kiln.perf.plan.Deployment.Routing;

/**
 * What one of M nodes can do.
 *
 * @param nodes M, those that serve
 */
public record NodeModel(Traffic traffic, Costs costs, Deployment deployment, int nodes) {

    private static final double HOUR = 3600;
    private static final double MICROS = 1e6;

    /** The cache of a node in an hour of the day. */
    public CacheModel cache(int hour) {
        Load load = Load.of(traffic, deployment.subscribers());
        double share = deployment.routing() == Routing.HASH ? 1.0 / nodes : 1;
        double perDevice = traffic.fleet().authenticationsPerHour() / HOUR;
        // Routed at random, a device meets one node only now and then.
        double visits = deployment.routing() == Routing.HASH ? perDevice : perDevice / nodes;
        double period = visits == 0 ? Double.POSITIVE_INFINITY : 1 / visits;
        return new CacheModel(
                load.people() * share,
                load.ofPeople(hour) / nodes / (1 + traffic.followersPerPrimary()),
                deployment.routing() == Routing.HASH ? traffic.followersPerPrimary() : 0,
                traffic.skew(),
                load.devices() * share,
                period,
                deployment.cacheEntries(),
                deployment.cacheSeconds());
    }

    /** h, the share of requests whose keys are in use, in an hour of the day. */
    public double hitRate(int hour) {
        return cache(hour).hitRate();
    }

    /** Likewise in a storm: whoever registers is not in use, and is for what he asks next. */
    public double stormHitRate() {
        double requests = traffic.storm().requests();
        return deployment.routing() == Routing.HASH ? (requests - 1) / requests : 0;
    }

    /** Processor time of a request, in seconds. */
    public double cpuSeconds(double hitRate) {
        return (costs.http().cpuMicros()
                        + hitRate * costs.hot().cpuMicros()
                        + (1 - hitRate) * costs.cold().cpuMicros())
                / MICROS;
    }

    /** Requests in a second that the token on the node lets through; its lock is what binds. */
    public double tokenBound(double hitRate) {
        double scale = (double) deployment.coresPerNode() / costs.cores();
        return Math.min(1, scale)
                / (hitRate / costs.hot().perSecond()
                        + (1 - hitRate) / costs.cold().perSecond());
    }

    /** μ, requests in a second that a node can answer. */
    public double capacity(double hitRate) {
        double ofProcessors = deployment.coresPerNode() / cpuSeconds(hitRate);
        return deployment.token().onTheNode() ? Math.min(ofProcessors, tokenBound(hitRate)) : ofProcessors;
    }
}
