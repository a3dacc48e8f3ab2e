package org.kiln.perf.simulation;

import org.HdrHistogram.Histogram;

/** What was counted in the hours and minutes of a day; those of several nodes can be added up. */
public final class Tally {

    static final int HOURS = 24;
    static final int MINUTES = 1440;
    private static final long LONGEST_MICROS = 3_600_000_000L;
    private static final double MICROS = 1e6;

    final long[] requests = new long[HOURS];
    final long[] hits = new long[HOURS];
    final long[] refused = new long[HOURS];
    final long[] sqnWrites = new long[HOURS];
    final long[] resyncWrites = new long[HOURS];
    final double[] busy = new double[MINUTES];
    final long[] offered = new long[MINUTES];
    /** Of the hour's steady part, when no fleet is awake; in microseconds. */
    final Histogram[] steadyWaits = new Histogram[HOURS];

    final Histogram waits = newHistogram();
    final Histogram stormWaits = newHistogram();

    Tally() {
        for (int hour = 0; hour < HOURS; hour++) {
            steadyWaits[hour] = newHistogram();
        }
    }

    private static Histogram newHistogram() {
        return new Histogram(LONGEST_MICROS, 3);
    }

    void waited(int hour, double seconds, boolean steady, boolean storm) {
        long micros = Math.min(LONGEST_MICROS, (long) (seconds * MICROS));
        waits.recordValue(micros);
        if (storm) {
            stormWaits.recordValue(micros);
        }
        if (steady) {
            steadyWaits[hour].recordValue(micros);
        }
    }

    synchronized void add(Tally other) {
        for (int hour = 0; hour < HOURS; hour++) {
            requests[hour] += other.requests[hour];
            hits[hour] += other.hits[hour];
            refused[hour] += other.refused[hour];
            sqnWrites[hour] += other.sqnWrites[hour];
            resyncWrites[hour] += other.resyncWrites[hour];
            steadyWaits[hour].add(other.steadyWaits[hour]);
        }
        for (int minute = 0; minute < MINUTES; minute++) {
            busy[minute] += other.busy[minute];
            offered[minute] += other.offered[minute];
        }
        waits.add(other.waits);
        stormWaits.add(other.stormWaits);
    }
}
