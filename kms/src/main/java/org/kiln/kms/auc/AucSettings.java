package org.kiln.kms.auc;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import org.kiln.kms.subscriber.EngineChoice;

/**
 * How an authentication centre works.
 *
 * @param node this node's number, from 0, which keeps its ceiling and its values of IND apart from other nodes'
 * @param nodes how many nodes share the store
 * @param capacity subscribers kept in use; each costs the token a session object
 * @param engines which engine serves which subscriber
 * @param meters where vectors are counted
 * @param watch when a subscriber is asked for too often
 */
public record AucSettings(
        int node, int nodes, int capacity, EngineChoice engines, MeterRegistry meters, SubscriberWatch watch) {

    /** As the canonical one, without a watch. */
    public AucSettings(int node, int nodes, int capacity, EngineChoice engines, MeterRegistry meters) {
        this(node, nodes, capacity, engines, meters, SubscriberWatch.OFF);
    }

    /** Milenage only, and nothing counted. */
    public static AucSettings of(int node, int nodes, int capacity) {
        return new AucSettings(node, nodes, capacity, EngineChoice.PORTABLE_ONLY, new CompositeMeterRegistry());
    }
}
