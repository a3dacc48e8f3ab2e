package org.kiln.perf.cli;

import java.util.List;
import java.util.Locale;
import org.kiln.perf.plan.Figure;

/** A plan as a table for people. */
final class PlanText {

    private static final int FEW = 100;

    private PlanText() {}

    static String table(List<Figure> figures, boolean explained) {
        StringBuilder text = new StringBuilder();
        String group = "";
        for (Figure figure : figures) {
            if (!figure.group().equals(group)) {
                group = figure.group();
                text.append(text.isEmpty() ? "" : "\n").append(group).append('\n');
            }
            text.append(String.format(
                    Locale.ROOT,
                    "  %-46s %-9s %16s %s%n",
                    figure.name(),
                    figure.symbol(),
                    number(figure.value()),
                    figure.unit()));
            if (explained) {
                text.append("      = ").append(figure.formula()).append('\n');
                if (!figure.computation().isEmpty()) {
                    text.append("      = ").append(figure.computation()).append('\n');
                }
            }
        }
        return text.toString();
    }

    static String number(double value) {
        boolean whole = value == Math.rint(value);
        return String.format(Locale.ROOT, whole || Math.abs(value) >= FEW ? "%,.0f" : "%.3f", value);
    }
}
