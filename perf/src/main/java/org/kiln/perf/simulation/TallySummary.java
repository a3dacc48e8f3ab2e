package org.kiln.perf.simulation;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * A played day in a few figures.
 *
 * @param hitRate share of the requests that were served and found the keys in use
 * @param busiestMinute share of that minute in which the processors worked
 */
public record TallySummary(
        int nodes,
        long requests,
        long refused,
        long refusedInStorm,
        double hitRate,
        long rowsRead,
        long sqnWrites,
        long resyncWrites,
        double busiestMinute,
        List<Waits> waits) {

    private static final double MILLIS = 1e3;

    /** Waiting times in milliseconds: half, 99 % and 99.9 % of the requests waited no longer. */
    public record Waits(String when, double median, double high, double higher, double longest) {

        static Waits of(String when, Histogram micros) {
            return new Waits(
                    when,
                    micros.getValueAtPercentile(50) / MILLIS,
                    micros.getValueAtPercentile(99) / MILLIS,
                    micros.getValueAtPercentile(99.9) / MILLIS,
                    micros.getMaxValue() / MILLIS);
        }
    }

    public static TallySummary of(Scenario scenario, Tally tally) {
        long requests = Arrays.stream(tally.requests).sum();
        long refused = Arrays.stream(tally.refused).sum();
        long hits = Arrays.stream(tally.hits).sum();
        double processors =
                (double) scenario.nodes() * scenario.model().deployment().coresPerNode();
        return new TallySummary(
                scenario.nodes(),
                requests,
                refused,
                IntStream.range(0, Tally.HOURS)
                        .filter(hour -> stormTouches(scenario, hour))
                        .mapToLong(hour -> tally.refused[hour])
                        .sum(),
                (double) hits / (requests - refused),
                requests - refused - hits,
                Arrays.stream(tally.sqnWrites).sum(),
                Arrays.stream(tally.resyncWrites).sum(),
                Arrays.stream(tally.busy).max().orElseThrow() / Scenario.MINUTE / processors,
                List.of(
                        Waits.of("all day", tally.waits),
                        Waits.of(
                                "busiest hour, fleet asleep",
                                tally.steadyWaits[scenario.model().traffic().busiestHour()]),
                        Waits.of("in the storm", tally.stormWaits)));
    }

    private static boolean stormTouches(Scenario scenario, int hour) {
        return scenario.stormAt() < (hour + 1) * Scenario.HOUR && scenario.stormEnd() > hour * Scenario.HOUR;
    }
}
