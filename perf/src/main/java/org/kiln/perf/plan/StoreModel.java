package org.kiln.perf.plan;

import org.kiln.kms.sqn.CounterSequence;
import org.kiln.kms.sqn.SqnCeiling;
import org.kiln.kms.sqn.SqnScheme;

/** What the database holds, reads and writes while M nodes serve. */
public record StoreModel(CapacityModel model, int nodes) {

    /** Seconds of the clock that a mark of the partly time-based scheme reaches ahead. */
    static final double GENERAL_SECONDS = 4096;

    private static final double TENTHS = 10;
    private static final double MICROS = 1e6;

    /** Octets of the subscribers' table. */
    public double subscriberBytes() {
        return model.deployment().subscribers() * model.costs().store().rowBytes();
    }

    /** Octets of the authentication events: one for each subscriber whom some network confirms. */
    public double eventBytes() {
        return model.traffic().confirmationsPerRequest() == 0
                ? 0
                : model.load().people() * model.costs().store().eventBytes();
    }

    /** Rows read in a second: one for each subscriber who is brought into use. */
    public double reads(double requests, double hitRate) {
        return requests * (1 - hitRate);
    }

    /**
     * Rows written in a second for sequence numbers. A scheme with a mark writes whenever a subscriber is brought into
     * use, for the sequence begins anew at the mark; then once for each block, or when the clock has reached the mark.
     *
     * @param hitRate h
     * @param markedHitRate h of the node {@linkplain NodeModel#marked() with the mark's time limit}
     */
    public double sqnWrites(double requests, double hitRate, double markedHitRate) {
        double misses = requests * (1 - hitRate);
        double hits = requests * hitRate;
        return switch (model.deployment().scheme()) {
            case TIME_BASED -> nodes * TENTHS / SqnCeiling.RENEWAL_TENTHS;
            case NON_TIME_BASED -> misses + hits * model.traffic().vectorsPerRequest() / CounterSequence.BLOCK;
            case GENERAL -> requests * (1 - markedHitRate);
        };
    }

    /** Rows written in a second for resynchronisations. */
    public double resyncWrites(double requests) {
        return requests
                * model.traffic().resynchronisations()
                / (1 + model.traffic().resynchronisations());
    }

    /** Authentication events written in a second. */
    public double eventWrites(double requestsOfPeople) {
        return requestsOfPeople * model.traffic().confirmationsPerRequest();
    }

    /** Rows that one writer gets onto the disk in a second, one by one. */
    public double singleWriteRate() {
        return MICROS / model.costs().store().writeMicros();
    }

    /** Rows that one writer gets onto the disk in a second, in batches. */
    public double batchedWriteRate() {
        return MICROS
                * model.costs().store().batchRows()
                / model.costs().store().batchMicros();
    }

    /** Whether counters are written at every cold request. */
    public boolean hasMarks() {
        return model.deployment().scheme() != SqnScheme.TIME_BASED;
    }
}
