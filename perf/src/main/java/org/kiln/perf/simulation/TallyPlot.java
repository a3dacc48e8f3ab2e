package org.kiln.perf.simulation;

import java.util.Locale;
import org.kiln.perf.plan.DayChart;
import org.kiln.perf.plan.NodeModel;

/** How busy the nodes were in each minute of a played day, and what the formulae say of each hour. */
public final class TallyPlot {

    private static final String PLAYED = "#3b6db5";
    private static final String FORMULA = "#b3261e";
    private static final int LEGEND = 170;

    private TallyPlot() {}

    /** @return an SVG */
    public static String of(Scenario scenario, Tally tally) {
        DayChart chart = new DayChart(
                String.format(
                        Locale.ROOT,
                        "%,d subscribers, %d nodes: share of time at work",
                        scenario.model().deployment().subscribers(),
                        scenario.nodes()),
                100,
                20,
                "%.0f %%",
                LEGEND);
        double processors =
                (double) scenario.nodes() * scenario.model().deployment().coresPerNode();
        double[] percent = new double[Tally.MINUTES];
        for (int minute = 0; minute < Tally.MINUTES; minute++) {
            percent[minute] = 100 * tally.busy[minute] / Scenario.MINUTE / processors;
        }
        chart.curve(percent, PLAYED);
        NodeModel node = scenario.model().node(scenario.nodes());
        for (int hour = 0; hour < Tally.HOURS; hour++) {
            double rate = scenario.model().load().ofPeople(hour)
                    + scenario.model().load().ofFleetOverTheHour();
            double busy = rate / scenario.nodes() / node.capacity(node.hitRate(hour));
            chart.step(hour, hour + 1, 100 * busy, FORMULA, 2);
        }
        chart.legend(PLAYED, "played, by the minute");
        chart.legend(FORMULA, "formula, by the hour");
        return chart.text();
    }
}
