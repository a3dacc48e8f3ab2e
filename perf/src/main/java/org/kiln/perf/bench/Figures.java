package org.kiln.perf.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What is measured, as it comes. */
final class Figures {

    private static final int ROUNDS = 3;

    private final Map<String, Figure> figures = new LinkedHashMap<>();
    private final List<String> leftOut = new ArrayList<>();
    private final Set<Part> wanted;
    private final Consumer<String> story;

    Figures(Set<Part> wanted, Consumer<String> story) {
        this.wanted = wanted;
        this.story = story;
    }

    void take(String id, String what, String unit, String how, Supplier<Double> measurement) {
        double value = measurement.get();
        figures.put(id, new Figure(id, what, value, unit, how));
        story.accept(String.format("%-52s %,12.0f %s", what, value, unit));
    }

    /** A rate of a closed loop: the best of three rounds, for what else the machine does can only take from it. */
    void best(String id, String what, String unit, String how, Supplier<Double> rate) {
        take(
                id,
                what,
                unit,
                how + "; the best of " + ROUNDS + " rounds",
                () -> Stream.generate(rate).limit(ROUNDS).max(Double::compare).orElseThrow());
    }

    /** Runs a part if it is wanted. A machine may lack the means for it; the rest is measured all the same. */
    void part(Part part, Runnable measurements) {
        if (!wanted.contains(part)) {
            leftOut.add(part.what() + ": not asked for");
            return;
        }
        try {
            measurements.run();
        } catch (BenchException e) {
            leftOut.add(part.what() + ": " + e.getMessage());
            tell(part.what() + " is left out: " + e.getMessage());
        }
    }

    void tell(String line) {
        story.accept(line);
    }

    double value(String id) {
        Figure figure = figures.get(id);
        return figure == null ? Double.NaN : figure.value();
    }

    /** The sum of all whose names begin so; not a number if there is none. */
    double sum(String prefix) {
        return figures.values().stream()
                .filter(figure -> figure.id().startsWith(prefix))
                .map(Figure::value)
                .reduce(Double::sum)
                .orElse(Double.NaN);
    }

    double ratio(String of, String to) {
        return value(of) / value(to);
    }

    List<Figure> all() {
        return List.copyOf(figures.values());
    }

    List<String> leftOut() {
        return List.copyOf(leftOut);
    }
}
