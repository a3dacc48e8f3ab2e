package org.kiln.perf.plan;

import java.util.Locale;

/** The frame of a plot over the hours of a day, as SVG; what is plotted is put into it. */
public final class DayChart {

    private static final int WIDTH = 860;
    private static final int HEIGHT = 330;
    private static final int LEFT = 78;
    private static final int TOP = 40;
    private static final int BOTTOM = 40;
    private static final int HOURS = 24;
    private static final int LEGEND_LINE = 22;

    private final StringBuilder svg = new StringBuilder();
    private final int right;
    private final double highest;
    private int legend;

    /**
     * @param highest the greatest value that the plot has room for
     * @param step between two lines of the grid
     * @param label of a line of the grid, a format of its value
     * @param legendWidth room to the right of the plot
     */
    public DayChart(String title, double highest, double step, String label, int legendWidth) {
        this.highest = highest;
        right = WIDTH - legendWidth - 16;
        put(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">",
                WIDTH, HEIGHT);
        put("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
        put("<text x=\"%d\" y=\"22\" font-size=\"14\">%s</text>", LEFT, title);
        for (double value = 0; value <= highest; value += step) {
            level(value, "#ddd", 1);
            put(
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                    LEFT - 6, y(value) + 4, String.format(Locale.ROOT, label, value));
        }
        for (int hour = 0; hour <= HOURS; hour += 3) {
            put("<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%02d:00</text>", x(hour), HEIGHT - BOTTOM + 18, hour);
        }
    }

    /** A filled bar from one hour of the day to another, between two values. */
    public void bar(double from, double to, double low, double high, String colour) {
        put(
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>",
                x(from), y(high), width(from, to), y(low) - y(high), colour);
    }

    /** A dashed, empty bar. */
    public void dashed(double from, double to, double low, double high, String colour) {
        put(
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"none\" stroke=\"%s\""
                        + " stroke-dasharray=\"3 2\"/>",
                x(from), y(high), width(from, to), y(low) - y(high), colour);
    }

    /** A line from one hour to another. */
    public void step(double from, double to, double value, String colour, int width) {
        put(
                "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%d\"/>",
                x(from), x(to), y(value), y(value), colour, width);
    }

    /** A line through the day. */
    public void level(double value, String colour, int width) {
        step(0, HOURS, value, colour, width);
    }

    /** A curve through values that are evenly spaced over the day. */
    public void curve(double[] values, String colour) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < values.length; i++) {
            points.append(String.format(
                    Locale.ROOT, "%.1f,%.1f ", x(HOURS * (i + 0.5) / values.length), y(Math.min(highest, values[i]))));
        }
        put(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\"/>",
                points.toString().strip(), colour);
    }

    /** The next line of the legend. */
    public void legend(String colour, String text) {
        int y = TOP + 12 + LEGEND_LINE * legend++;
        put("<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" fill=\"%s\"/>", right + 14, y - 11, colour);
        put("<text x=\"%d\" y=\"%d\">%s</text>", right + 32, y, text);
    }

    /** The whole document. */
    public String text() {
        return svg + "</svg>\n";
    }

    private double width(double from, double to) {
        return Math.max(1.5, x(to) - x(from));
    }

    private double x(double hour) {
        return LEFT + hour * (right - LEFT) / HOURS;
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - value / highest * (HEIGHT - TOP - BOTTOM);
    }

    @SuppressWarnings("AnnotateFormatMethod") // its annotation is a library that nothing else wants
    private void put(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
