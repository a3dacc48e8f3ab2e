package org.kiln.perf.plan;

/** The load over a day, and a storm in its busiest hour, against what the nodes can answer. */
public final class DayPlot {

    private static final String PEOPLE = "#8fb4e3";
    private static final String FLEET = "#3b6db5";
    private static final String CAPACITY = "#1b7f3b";
    private static final String STORM = "#b3261e";
    private static final int HOURS = 24;
    private static final int LINES = 5;
    private static final double HEADROOM = 1.08;
    private static final int LEGEND = 180;

    private DayPlot() {}

    /** @return an SVG */
    public static String of(CapacityModel model, String title) {
        int nodes = model.servingNodes();
        NodeModel node = model.node(nodes);
        Load load = model.load();
        int busiest = model.traffic().busiestHour();
        double storm = load.ofPeople(busiest) + load.storm();
        double highest = HEADROOM * Math.max(Math.max(load.peak(), storm), highest(node));
        DayChart chart = new DayChart(title, highest, step(highest), "%,.0f/s", LEGEND);
        for (int hour = 0; hour < HOURS; hour++) {
            double people = load.ofPeople(hour);
            chart.bar(hour, hour + 0.97, 0, people, PEOPLE);
            chart.bar(
                    hour,
                    hour + model.traffic().fleet().windowSeconds() / 3600,
                    people,
                    people + load.ofFleetAwake(),
                    FLEET);
            chart.step(hour, hour + 1, nodes * node.capacity(node.hitRate(hour)), CAPACITY, 2);
        }
        chart.dashed(busiest, busiest + model.traffic().storm().minutes() / 60, load.ofPeople(busiest), storm, STORM);
        chart.level(nodes * node.capacity(model.hitRateInStorm(node)), STORM, 2);
        chart.legend(PEOPLE, "people's requests");
        chart.legend(FLEET, "fleet, on the hour");
        chart.legend(CAPACITY, nodes + " nodes can answer");
        chart.legend(STORM, "likewise in a storm");
        chart.legend("none", "dashed: a storm");
        return chart.text();
    }

    private static double highest(NodeModel node) {
        double highest = 0;
        for (int hour = 0; hour < HOURS; hour++) {
            highest = Math.max(highest, node.nodes() * node.capacity(node.hitRate(hour)));
        }
        return highest;
    }

    private static double step(double highest) {
        double step = Math.pow(10, Math.floor(Math.log10(highest)));
        while (highest / step < LINES) {
            step /= 2;
        }
        return step;
    }
}
