package org.kiln.perf.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What is measured, as it comes. */
final class Figures {

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

    /** A rate that is held against no other. */
    void best(String id, String what, String unit, String how, Supplier<Double> rate) {
        new SideBySide().with(id, what, unit, how, rate).into(this);
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
            leaveOut(part, e);
        }
    }

    boolean isWanted(Part part) {
        return wanted.contains(part);
    }

    /** What is needed for a part, and for others beside it; nothing if this machine lacks the means. */
    <T> Optional<T> means(Part part, Supplier<T> means) {
        try {
            return Optional.of(means.get());
        } catch (BenchException e) {
            leaveOut(part, e);
            return Optional.empty();
        }
    }

    private void leaveOut(Part part, BenchException e) {
        leftOut.add(part.what() + ": " + e.getMessage());
        tell(part.what() + " is left out: " + e.getMessage());
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
