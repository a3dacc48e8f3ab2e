package org.kiln.perf.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Rates that are held against each other, taken in turn: a machine that others share is not as fast in one minute as in the
 * next, and what is measured minutes apart makes a ratio of that. Each is the best of its rounds, for what else the machine
 * does can only take from a rate.
 */
final class SideBySide {

    static final int ROUNDS = 3;

    private final List<Rate> rates = new ArrayList<>();
    private final int rounds;

    private record Rate(String id, String what, String unit, String how, Supplier<Double> measurement) {}

    SideBySide() {
        this(ROUNDS);
    }

    SideBySide(int rounds) {
        this.rounds = rounds;
    }

    SideBySide with(String id, String what, String unit, String how, Supplier<Double> rate) {
        rates.add(new Rate(id, what, unit, how, rate));
        return this;
    }

    void into(Figures figures) {
        double[] best = new double[rates.size()];
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < best.length; i++) {
                best[i] = Math.max(best[i], rates.get(i).measurement.get());
            }
        }
        for (int i = 0; i < best.length; i++) {
            Rate rate = rates.get(i);
            double value = best[i];
            figures.take(rate.id, rate.what, rate.unit, rate.how + how(), () -> value);
        }
    }

    private String how() {
        String others = rates.size() == 1 ? "" : ", in turn with what it is held against";
        return rounds == 1 ? others : "; the best of " + rounds + " rounds" + others;
    }
}
