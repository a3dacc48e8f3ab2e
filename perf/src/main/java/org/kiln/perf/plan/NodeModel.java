package org.kiln.perf.plan;

import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.sqn.SqnSequence;
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
        return cache(hour, (double) deployment.cacheEntries(), deployment.cacheSeconds());
    }

    /**
     * Likewise of those whose reserved sequence numbers the node knows: they are in use, or it has kept what was left. A mark
     * of the partly time-based scheme is good for so long and no longer.
     */
    public CacheModel known(int hour) {
        return cache(
                hour,
                (double) deployment.cacheEntries() + SqnSequence.Left.room(deployment.cacheEntries()),
                deployment.scheme() == SqnScheme.GENERAL ? StoreModel.GENERAL_SECONDS : Double.POSITIVE_INFINITY);
    }

    private CacheModel cache(int hour, double entries, double limit) {
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
                entries,
                limit);
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

    /** Likewise at the busiest moment of an undisturbed day, the fleet awake. */
    public double peakHitRate() {
        Load load = Load.of(traffic, deployment.subscribers());
        int hour = traffic.busiestHour();
        return cache(hour).hitRate(load.ofPeople(hour), load.ofFleetAwake());
    }

    /** S_hot, for how long a request whose keys are in use keeps a processor or a lane, in seconds. */
    public double hotSeconds() {
        return seconds(costs.hot());
    }

    /** S_cold, likewise where they are not. */
    public double coldSeconds() {
        return seconds(costs.cold());
    }

    /** What binds: the processors' time, or the lock of a token on the node, which more processors do not loosen. */
    private double seconds(Costs.Request request) {
        double ofProcessor = (costs.http().cpuMicros() + request.cpuMicros()) / MICROS;
        return deployment.token().onTheNode()
                ? Math.max(ofProcessor, Math.max(deployment.coresPerNode(), costs.cores()) / request.perSecond())
                : ofProcessor;
    }

    /** S, on average, in seconds. */
    public double serviceSeconds(double hitRate) {
        return hitRate * hotSeconds() + (1 - hitRate) * coldSeconds();
    }

    /** Squared coefficient of variation of S: of its two kinds, and of the times within each. */
    public double variation(double hitRate) {
        double mean = serviceSeconds(hitRate);
        double square = hitRate * square(hotSeconds(), costs.token().hot())
                + (1 - hitRate) * square(coldSeconds(), costs.token().cold());
        return square / (mean * mean) - 1;
    }

    private static double square(double seconds, Costs.Times times) {
        return seconds * seconds * (1 + times.variation());
    }

    /** μ, requests in a second that a node can answer. */
    public double capacity(double hitRate) {
        return deployment.coresPerNode() / serviceSeconds(hitRate);
    }

    /** Waiting at a node to which so many requests come in a second. */
    public WaitingModel waiting(double arrivals, double hitRate) {
        return new WaitingModel(deployment.coresPerNode(), arrivals, serviceSeconds(hitRate), variation(hitRate));
    }
}
