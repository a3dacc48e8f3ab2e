package org.kiln.perf.plan;

import java.util.Locale;
import java.util.function.IntToDoubleFunction;

/** An SVG of the load over a day, a storm at its busiest hour beside it, against what the nodes can answer. */
public final class DayPlot {

    private static final int WIDTH = 860;
    private static final int HEIGHT = 360;
    private static final int LEFT = 78;
    private static final int RIGHT = 200;
    private static final int TOP = 40;
    private static final int BOTTOM = 44;
    private static final int HOURS = 24;
    private static final int LINES = 5;

    private final StringBuilder svg = new StringBuilder();
    private final double highest;

    private DayPlot(double highest) {
        this.highest = highest;
    }

    /** @param title above the plot */
    public static String of(CapacityModel model, String title) {
        int nodes = model.servingNodes();
        NodeModel node = model.node(nodes);
        IntToDoubleFunction capacity = hour -> nodes * node.capacity(node.hitRate(hour));
        double inStorm = nodes * node.capacity(model.hitRateInStorm(node));
        double highest = Math.max(model.load().peak() + model.load().storm(), 0);
        for (int hour = 0; hour < HOURS; hour++) {
            highest = Math.max(highest, capacity.applyAsDouble(hour));
        }
        DayPlot plot = new DayPlot(1.08 * highest);
        plot.frame(title);
        plot.bars(model.load());
        plot.storm(model);
        plot.steps(capacity, "#1b7f3b");
        plot.level(inStorm, "#b3261e");
        plot.legend(nodes);
        return plot.svg.append("</svg>\n").toString();
    }

    private void frame(String title) {
        put(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">",
                WIDTH,
                HEIGHT);
        put("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
        put("<text x=\"%d\" y=\"22\" font-size=\"14\">%s</text>", LEFT, title);
        double step = niceStep();
        for (double value = 0; value <= highest; value += step) {
            put(
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>",
                    LEFT,
                    WIDTH - RIGHT,
                    y(value),
                    y(value));
            put("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%,.0f/s</text>", LEFT - 6, y(value) + 4, value);
        }
        for (int hour = 0; hour <= HOURS; hour += 3) {
            put(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%02d:00</text>",
                    x(hour),
                    HEIGHT - BOTTOM + 18,
                    hour);
        }
    }

    private double niceStep() {
        double step = Math.pow(10, Math.floor(Math.log10(highest)));
        while (highest / step < LINES) {
            step /= 2;
        }
        return step;
    }

    private void bars(Load load) {
        for (int hour = 0; hour < HOURS; hour++) {
            double people = load.ofPeople(hour);
            put(
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#8fb4e3\"/>",
                    x(hour),
                    y(people),
                    x(hour + 1) - x(hour) - 1,
                    y(0) - y(people));
            double width = Math.max(1.5, (x(1) - x(0)) * load.traffic().fleet().windowSeconds() / 3600);
            put(
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#3b6db5\"/>",
                    x(hour),
                    y(people + load.ofFleetAwake()),
                    width,
                    y(people) - y(people + load.ofFleetAwake()));
        }
    }

    private void storm(CapacityModel model) {
        int hour = model.traffic().busiestHour();
        double people = model.load().ofPeople(hour);
        double width = Math.max(1.5, (x(1) - x(0)) * model.traffic().storm().minutes() / 60);
        put(
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"none\" stroke=\"#b3261e\" stroke-dasharray=\"3 2\"/>",
                x(hour),
                y(people + model.load().storm()),
                width,
                y(people) - y(people + model.load().storm()));
    }

    private void steps(IntToDoubleFunction value, String colour) {
        StringBuilder path = new StringBuilder();
        for (int hour = 0; hour < HOURS; hour++) {
            double y = y(value.applyAsDouble(hour));
            path.append(String.format(Locale.ROOT, "%s%.1f %.1f L%.1f %.1f ", hour == 0 ? "M" : "L", x(hour), y,
                    x(hour + 1), y));
        }
        put("<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>", path.toString().strip(), colour);
    }

    private void level(double value, String colour) {
        put(
                "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"2\"/>",
                x(0),
                x(HOURS),
                y(value),
                y(value),
                colour);
    }

    private void legend(int nodes) {
        entry(0, "#8fb4e3", "people's requests");
        entry(1, "#3b6db5", "fleet, awake on the hour");
        entry(2, "#1b7f3b", nodes + " nodes can answer");
        entry(3, "#b3261e", nodes + " nodes in a storm");
        put(
                "<text x=\"%d\" y=\"%d\" fill=\"#b3261e\">dashed: a storm</text>",
                WIDTH - RIGHT + 14,
                TOP + 12 + 4 * 22);
    }

    private void entry(int line, String colour, String text) {
        int y = TOP + 12 + line * 22;
        put(
                "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" fill=\"%s\"/>",
                WIDTH - RIGHT + 14,
                y - 11,
                colour);
        put("<text x=\"%d\" y=\"%d\">%s</text>", WIDTH - RIGHT + 32, y, text);
    }

    private static double x(double hour) {
        return LEFT + hour * (WIDTH - LEFT - RIGHT) / HOURS;
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - value / highest * (HEIGHT - TOP - BOTTOM);
    }

    private void put(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
