package org.kiln.perf.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A report as people read it, as programs do, and as a plot. */
public final class ReportFiles {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final int WIDTH = 900;
    private static final int LABELS = 420;
    private static final int ROW = 22;
    private static final int TOP = 50;
    private static final int FOR_THE_VALUE = 110;

    private ReportFiles() {}

    /** Writes {@code report.json}, {@code report.md} and {@code rates.svg} into {@code folder}. */
    public static void write(Report report, Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("report.json"), JSON.writeValueAsString(report) + "\n");
        Files.writeString(folder.resolve("report.md"), markdown(report));
        Files.writeString(folder.resolve("rates.svg"), rates(report));
    }

    static String markdown(Report report) {
        StringBuilder text = new StringBuilder("# What `kiln bench` found\n\n");
        text.append(report.machine())
                .append("; load average ")
                .append(report.load())
                .append(".\n");
        text.append(String.join(", ", report.software())).append(".\n");
        text.append("Begun ")
                .append(report.begun())
                .append(" by `")
                .append(report.command())
                .append("`.\n\n");
        text.append("## Ratios\n\n| what | reached | to reach | |\n| --- | ---: | ---: | --- |\n");
        for (Target target : report.targets()) {
            text.append(String.format(
                    "| %s | %s | %s %s | %s |%n",
                    target.what(),
                    target.isMeasured() ? number(target.value()) : "–",
                    target.atMost() ? "≤" : "≥",
                    number(target.bound()),
                    !target.isMeasured() ? "not measured" : target.isReached() ? "reached" : "**missed**"));
        }
        text.append("\n![rates](rates.svg)\n\n## Figures\n\n| what | | unit | how |\n| --- | ---: | --- | --- |\n");
        for (Figure figure : report.figures()) {
            text.append(String.format(
                    "| %s | %s | %s | %s |%n", figure.what(), number(figure.value()), figure.unit(), figure.how()));
        }
        if (!report.leftOut().isEmpty()) {
            text.append("\n## Left out\n\n");
            report.leftOut().forEach(each -> text.append("- ").append(each).append('\n'));
        }
        return text.toString();
    }

    private static String number(double value) {
        return Math.abs(value) >= 100 ? String.format("%,.0f", value) : String.format("%.3g", value);
    }

    private static String rates(Report report) {
        List<Figure> rates = report.figures().stream()
                .filter(figure -> figure.unit().endsWith("/s"))
                .toList();
        double most = rates.stream().mapToDouble(Figure::value).max().orElse(1);
        StringBuilder svg = new StringBuilder(String.format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">%n<text x=\"10\" y=\"24\" font-size=\"15\">Rates of one run, in a second</text>%n",
                WIDTH, TOP + rates.size() * ROW + 20));
        for (int i = 0; i < rates.size(); i++) {
            Figure figure = rates.get(i);
            int y = TOP + i * ROW;
            double width = (WIDTH - LABELS - FOR_THE_VALUE) * figure.value() / most;
            svg.append(String.format(
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>"
                            + "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>"
                            + "<text x=\"%.1f\" y=\"%d\">%,.0f</text>%n",
                    LABELS - 8,
                    y + 14,
                    figure.what(),
                    LABELS,
                    y + 3,
                    width,
                    ROW - 7,
                    colour(figure),
                    LABELS + width + 6,
                    y + 14,
                    figure.value()));
        }
        return svg.append("</svg>\n").toString();
    }

    private static String colour(Figure figure) {
        if (figure.id().startsWith("ceiling")) {
            return "#999999";
        }
        return figure.id().startsWith("osmohlr") ? "#b3261e" : "#3b6db5";
    }
}
