package org.kiln.perf.simulation;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.kiln.perf.plan.CapacityModel;
import org.kiln.perf.plan.Deployment;
import org.kiln.perf.plan.NodeModel;
import org.kiln.perf.plan.Traffic;

/** One node's day. Nodes share nothing that they wait for, so each is played by itself. */
final class NodeDay {

    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private final Scenario scenario;
    private final Traffic traffic;
    private final SplittableRandom random;
    private final Arrivals arrivals;
    private final KeyCache cache;
    private final SqnMarks marks;
    private final Servers servers;
    private final double[] hotTimes;
    private final double[] coldTimes;
    private final double back;
    private final double resync;
    private final int[] vectors;
    private final Tally tally = new Tally();

    NodeDay(Scenario scenario, int node) {
        this.scenario = scenario;
        CapacityModel model = scenario.model();
        Deployment deployment = model.deployment();
        traffic = model.traffic();
        random = new SplittableRandom(scenario.seed() + GOLDEN * (node + 1));
        arrivals = new Arrivals(scenario, node, random.split());
        cache = new KeyCache(arrivals.population(), deployment.cacheEntries(), deployment.cacheSeconds());
        boolean anyNode = deployment.routing() == Deployment.Routing.RANDOM;
        marks = new SqnMarks(
                deployment.scheme(),
                arrivals.population(),
                deployment.cacheEntries(),
                anyNode ? 1 - 1.0 / scenario.nodes() : 0,
                scenario.seed() + node);
        servers = new Servers(deployment.coresPerNode(), scenario.queue());
        NodeModel costs = model.node(scenario.nodes());
        hotTimes = times(costs.hotSeconds(), model.costs().token().hot().shape());
        coldTimes = times(costs.coldSeconds(), model.costs().token().cold().shape());
        back = scenario.outages().stream()
                .filter(outage -> outage.node() == node)
                .mapToDouble(Scenario.Outage::to)
                .max()
                .orElse(Double.POSITIVE_INFINITY);
        resync = traffic.resynchronisations() / (1 + traffic.resynchronisations());
        vectors = vectors(traffic);
        new Past(
                        arrivals,
                        traffic.vectorsPerRequest() * (1 + traffic.followersPerPrimary()),
                        new SplittableRandom(~(scenario.seed() + node)))
                .tell(marks);
    }

    private static double[] times(double mean, double[] shape) {
        return Arrays.stream(shape).map(part -> mean * part).toArray();
    }

    /** Vectors of a thousand requests, in the proportion in which the domains ask. */
    private static int[] vectors(Traffic traffic) {
        return traffic.domains().stream()
                .flatMapToInt(domain -> IntStream.generate(domain::vectorsPerRequest)
                        .limit(Math.round(1000
                                * domain.share()
                                * domain.authenticationsPerDay()
                                / domain.vectorsPerRequest()
                                / traffic.requestsPerDay())))
                .toArray();
    }

    Tally play() {
        boolean down = true;
        while (arrivals.next()) {
            double now = arrivals.time();
            if (down && now >= back) {
                cache.clear();
                marks.clear();
                servers.clear(now);
                down = false;
            }
            request(now, arrivals.subscriber());
        }
        return tally;
    }

    private void request(double now, int subscriber) {
        int hour = Math.min(Tally.HOURS - 1, (int) (now / Scenario.HOUR));
        int minute = Math.min(Tally.MINUTES - 1, (int) (now / Scenario.MINUTE));
        tally.requests[hour]++;
        tally.offered[minute]++;
        if (servers.full(now)) {
            tally.refused[hour]++;
            return;
        }
        boolean hit = cache.find(subscriber, now) >= 0;
        if (hit) {
            tally.hits[hour]++;
        } else {
            cache.admit(subscriber, now);
        }
        if (marks.reserve(subscriber, vectors[random.nextInt(vectors.length)], now)) {
            tally.sqnWrites[hour]++;
        }
        if (random.nextDouble() < resync) {
            tally.resyncWrites[hour]++;
        }
        double[] times = hit ? hotTimes : coldTimes;
        double seconds = times[random.nextInt(times.length)];
        double waited = servers.serve(now, seconds);
        tally.busy[minute] += seconds;
        boolean storm = scenario.inStorm(now);
        boolean steady = now - hour * Scenario.HOUR > 2 * traffic.fleet().windowSeconds();
        tally.waited(hour, waited, steady, storm);
    }
}
