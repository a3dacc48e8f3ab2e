package org.kiln.perf.plan;

import org.kiln.kms.sqn.CounterSequence;
import org.kiln.kms.sqn.SqnCeiling;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.perf.plan.Deployment.Routing;

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
     * Rows written in a second for sequence numbers, on an undisturbed day. A scheme with a mark writes for a subscriber whose
     * numbers the node does not know, for the sequence begins anew at the mark; and then once for each block, or when the
     * clock has reached the mark. Where requests are routed at random, what a node knows counts only if no other has
     * written since.
     *
     * @param ofPeople requests in a second
     * @param ofFleet likewise
     */
    public double sqnWrites(int hour, double ofPeople, double ofFleet) {
        if (!hasMarks()) {
            return nodes * TENTHS / SqnCeiling.RENEWAL_TENTHS;
        }
        double began = model.node(nodes).known(hour).blockRate(ofPeople, ofFleet, requestsPerMark());
        double known = model.deployment().routing() == Routing.HASH ? 1 : 1.0 / nodes;
        return (ofPeople + ofFleet) * (1 - known * (1 - began));
    }

    /**
     * Likewise in a storm. Where a node knows all of its subscribers' numbers, counters write once for each block; else
     * those who register are taken for unknown, and so is, in the partly time-based scheme, whose mark the clock has passed.
     *
     * @param hitRate of the storm: the share of the requests that come after another of the same subscriber
     */
    public double sqnWritesInStorm(int hour, double requests, double hitRate) {
        return switch (model.deployment().scheme()) {
            case TIME_BASED -> nodes * TENTHS / SqnCeiling.RENEWAL_TENTHS;
            case NON_TIME_BASED -> requests * (knowsAll(hour) ? 1 / requestsPerMark() : 1 - hitRate);
            case GENERAL -> requests * (1 - hitRate);
        };
    }

    private boolean knowsAll(int hour) {
        return model.deployment().routing() == Routing.HASH
                && Double.isInfinite(model.node(nodes).known(hour).characteristicTime());
    }

    /** How many a mark is good for, once it is raised; of the partly time-based scheme the clock decides. */
    private double requestsPerMark() {
        return model.deployment().scheme() == SqnScheme.NON_TIME_BASED
                ? CounterSequence.BLOCK / model.traffic().vectorsPerRequest()
                : Double.POSITIVE_INFINITY;
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

    /** Whether the scheme has marks that are raised for each subscriber. */
    public boolean hasMarks() {
        return model.deployment().scheme() != SqnScheme.TIME_BASED;
    }
}
