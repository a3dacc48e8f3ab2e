package org.kiln.perf.plan;

import java.util.function.ToDoubleFunction;

/** How many nodes serve a network. */
public record CapacityModel(Traffic traffic, Costs costs, Deployment deployment) {

    private static final int MOST_NODES = 1 << 17;

    public Load load() {
        return Load.of(traffic, deployment.subscribers());
    }

    /** The least number of nodes that serve the busiest moment of an undisturbed day. */
    public int nodesForBusyHour() {
        return least(load().peak() / deployment.utilisation(), node -> node.capacity(node.peakHitRate()));
    }

    /** The least number of nodes that serve a storm on top of the busiest hour. */
    public int nodesForStorm() {
        return least(
                (load().ofPeople(traffic.busiestHour()) + load().storm()) / deployment.stormUtilisation(),
                node -> node.capacity(hitRateInStorm(node)));
    }

    /** h of the busiest hour's people and of the storm in the proportion in which they come. */
    public double hitRateInStorm(NodeModel node) {
        return hitRateInStorm(node, traffic.busiestHour());
    }

    /** Likewise in another hour. */
    public double hitRateInStorm(NodeModel node, int hour) {
        double people = load().ofPeople(hour);
        double storm = load().storm();
        // Registrations push everybody else's keys out.
        double ofPeople =
                node.stormHitRate() == 0 ? 0 : traffic.followersPerPrimary() / (1 + traffic.followersPerPrimary());
        return (people * ofPeople + storm * node.stormHitRate()) / (people + storm);
    }

    /** What M nodes can do grows with M: doubled until it is enough, then halved towards the least. */
    private int least(double needed, ToDoubleFunction<NodeModel> capacity) {
        int enough = 1;
        while (enough * capacity.applyAsDouble(node(enough)) < needed) {
            enough *= 2;
            if (enough > MOST_NODES) {
                throw new PlanException("more than " + MOST_NODES + " nodes would be needed; check the traffic");
            }
        }
        int tooFew = enough / 2;
        while (enough - tooFew > 1) {
            int middle = (tooFew + enough) / 2;
            if (middle * capacity.applyAsDouble(node(middle)) < needed) {
                tooFew = middle;
            } else {
                enough = middle;
            }
        }
        return enough;
    }

    public NodeModel node(int nodes) {
        return new NodeModel(traffic, costs, deployment, nodes);
    }

    /** Nodes that must serve, whichever site is lost and whichever spares are out. */
    public int servingNodes() {
        return Math.max(nodesForBusyHour(), nodesForStorm());
    }

    /** Nodes of each site. */
    public int nodesPerSite() {
        int carrying = Math.max(1, deployment.sites() - 1);
        return (servingNodes() + carrying - 1) / carrying + deployment.spares();
    }

    /** All nodes that are to be bought. */
    public int nodes() {
        return nodesPerSite() * deployment.sites();
    }

    /** Vectors in a second at the busier of busy hour and storm. */
    public double peakVectors() {
        double busyHour = load().peak() * traffic.vectorsPerRequest();
        double storm = load().ofPeople(traffic.busiestHour()) * traffic.vectorsPerRequest() + load().storm();
        return Math.max(busyHour, storm);
    }

    /** Tokens that must serve: one on each node, or as many appliances as the vectors want. */
    public int servingTokens() {
        Double rate = deployment.token().vectorsPerSecond();
        return rate == null ? servingNodes() : (int) Math.ceil(peakVectors() / (rate * deployment.utilisation()));
    }

    /** All tokens that are to be bought. */
    public int tokens() {
        if (deployment.token().onTheNode()) {
            return nodes();
        }
        int carrying = Math.max(1, deployment.sites() - 1);
        return ((servingTokens() + carrying - 1) / carrying + deployment.spares()) * deployment.sites();
    }
}
