package org.kiln.perf.bench;

import java.util.Set;
import java.util.function.Supplier;
import org.kiln.perf.scratch.NodeProcess;

/**
 * Rounds of load before a measurement, until the node's compiler rests: at low rates it takes a minute until what is called
 * often is compiled, and while it works it takes the processors.
 */
final class WarmUp {

    private static final int MOST_ROUNDS = 60;
    private static final int ROUNDS_AT_REST = 3;
    private static final double AT_REST = 0.02;
    private static final Set<String> COMPILERS = Set.of("C1 Compiler", "C2 Compiler");

    private final Figures figures;
    private final int seconds;

    /** @param seconds that a round lasts */
    WarmUp(Figures figures, int seconds) {
        this.figures = figures;
        this.seconds = seconds;
    }

    /** Has {@code load} run until {@code node}'s compilers have taken less than 2 % of a processor in three rounds. */
    void of(NodeProcess node, Supplier<Double> load) {
        int rest = 0;
        int rounds = 0;
        double last = 0;
        while (rounds < MOST_ROUNDS && rest < ROUNDS_AT_REST) {
            double before = compiling(node);
            last = load.get();
            rest = compiling(node) - before < AT_REST * seconds ? rest + 1 : 0;
            rounds++;
        }
        figures.tell(String.format("warmed up in %d rounds, at %,.0f a second", rounds, last));
    }

    private static double compiling(NodeProcess node) {
        return node.cpuByThreads(COMPILERS).values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
    }
}
