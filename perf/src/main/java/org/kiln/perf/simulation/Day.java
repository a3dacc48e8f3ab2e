package org.kiln.perf.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/** Plays a scenario. */
public final class Day {

    private Day() {}

    /**
     * Plays each node's day, as many at a time as there are processors.
     *
     * @param progress told how many nodes are done
     */
    public static Tally play(Scenario scenario, IntConsumer progress) {
        Tally total = new Tally();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<Future<?>> days = new ArrayList<>();
            for (int i = 0; i < scenario.nodes(); i++) {
                int node = i;
                days.add(threads.submit(() -> total.add(new NodeDay(scenario, node).play())));
            }
            for (int done = 0; done < days.size(); done++) {
                days.get(done).get();
                progress.accept(done + 1);
            }
            return total;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
