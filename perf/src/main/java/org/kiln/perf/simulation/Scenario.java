package org.kiln.perf.simulation;

import java.util.List;
import org.kiln.perf.plan.CapacityModel;
import org.kiln.perf.plan.Deployment;
import org.kiln.personalisation.document.Rules;

/**
 * A day to be played.
 *
 * @param nodes that serve, all of them up but for the outages
 * @param outages of nodes, one at a time
 * @param stormAt second of the day at which the storm begins; negative for none
 * @param queue requests that may wait at a node
 * @param seed of all chance
 */
public record Scenario(CapacityModel model, int nodes, List<Outage> outages, double stormAt, int queue, long seed) {

    static final double DAY = 86_400;
    static final double HOUR = 3600;
    static final double MINUTE = 60;
    private static final long MOST_PER_NODE = Integer.MAX_VALUE / 4;

    public Scenario {
        outages = Rules.list("outages", outages);
        Rules.require(nodes >= 1, "nodes is 1 or more");
        Rules.require(queue >= 1, "queue is 1 or more");
        Rules.require(outages.isEmpty() || nodes > 1, "a node may be lost if there is another");
        Rules.require(
                model.traffic().followersPerPrimary() <= 1, "a day is played with at most one follower of a request");
        long population = model.deployment().subscribers()
                / (model.deployment().routing() == Deployment.Routing.HASH ? nodes : 1);
        Rules.require(population <= MOST_PER_NODE, "a node serves at most " + MOST_PER_NODE + " subscribers");
    }

    /**
     * A node is lost, its subscribers go to the others, and it comes back with nothing in its memory.
     *
     * @param from second of the day
     */
    public record Outage(int node, double from, double seconds) {

        double to() {
            return from + seconds;
        }

        boolean covers(double time) {
            return time >= from && time < to();
        }
    }

    double stormEnd() {
        return stormAt < 0
                ? stormAt
                : stormAt + MINUTE * model.traffic().storm().minutes();
    }

    boolean inStorm(double time) {
        return time >= stormAt && time < stormEnd();
    }

    /** Whether an hour, and the one before it, know neither storm nor outage: what the formulae are about. */
    public boolean undisturbed(int hour) {
        double from = (hour - 1) * HOUR;
        double to = (hour + 1) * HOUR;
        return (stormAt < 0 || stormAt >= to || stormEnd() <= from)
                && outages.stream().noneMatch(outage -> outage.from() < to && outage.to() > from);
    }
}
