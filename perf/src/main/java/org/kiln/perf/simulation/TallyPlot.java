package org.kiln.perf.simulation;

import java.util.Locale;
import org.kiln.perf.plan.NodeModel;

/** An SVG of how busy the nodes were in each minute of a played day, and of what the formulae say of each hour. */
public final class TallyPlot {

    private static final int WIDTH = 860;
    private static final int HEIGHT = 300;
    private static final int LEFT = 52;
    private static final int RIGHT = 16;
    private static final int TOP = 40;
    private static final int BOTTOM = 34;

    private final StringBuilder svg = new StringBuilder();

    private TallyPlot() {}

    public static String of(Scenario scenario, Tally tally) {
        TallyPlot plot = new TallyPlot();
        plot.frame(String.format(
                Locale.ROOT,
                "%,d subscribers, %d nodes: share of time at work, by the minute (blue) and by the formula for the hour (red)",
                scenario.model().deployment().subscribers(),
                scenario.nodes()));
        plot.minutes(scenario, tally);
        plot.hours(scenario);
        return plot.svg.append("</svg>\n").toString();
    }

    private void frame(String title) {
        put(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">",
                WIDTH,
                HEIGHT);
        put("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
        put("<text x=\"%d\" y=\"22\">%s</text>", LEFT, title);
        for (int percent = 0; percent <= 100; percent += 20) {
            put(
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>",
                    LEFT,
                    WIDTH - RIGHT,
                    y(percent / 100.0),
                    y(percent / 100.0));
            put(
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%d %%</text>",
                    LEFT - 6,
                    y(percent / 100.0) + 4,
                    percent);
        }
        for (int hour = 0; hour <= Tally.HOURS; hour += 3) {
            put(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%02d:00</text>",
                    x(60.0 * hour),
                    HEIGHT - BOTTOM + 18,
                    hour);
        }
    }

    private void minutes(Scenario scenario, Tally tally) {
        double processors = (double) scenario.nodes() * scenario.model().deployment().coresPerNode();
        StringBuilder path = new StringBuilder();
        for (int minute = 0; minute < Tally.MINUTES; minute++) {
            double busy = Math.min(1, tally.busy[minute] / Scenario.MINUTE / processors);
            path.append(String.format(Locale.ROOT, "%s%.1f %.1f ", minute == 0 ? "M" : "L", x(minute + 0.5), y(busy)));
        }
        put("<path d=\"%s\" fill=\"none\" stroke=\"#3b6db5\"/>", path.toString().strip());
    }

    private void hours(Scenario scenario) {
        NodeModel node = scenario.model().node(scenario.nodes());
        for (int hour = 0; hour < Tally.HOURS; hour++) {
            double rate = scenario.model().load().ofPeople(hour)
                    + scenario.model().load().ofFleetOverTheHour();
            double busy = rate / scenario.nodes() / node.capacity(node.hitRate(hour));
            put(
                    "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#b3261e\" stroke-width=\"2\"/>",
                    x(60.0 * hour),
                    x(60.0 * (hour + 1)),
                    y(busy),
                    y(busy));
        }
    }

    private static double x(double minute) {
        return LEFT + minute * (WIDTH - LEFT - RIGHT) / Tally.MINUTES;
    }

    private static double y(double share) {
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
    }

    private void put(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
