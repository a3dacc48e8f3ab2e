package org.kiln.kms.auc;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import org.kiln.kms.subscriber.EngineChoice;

/**
 * How an authentication centre works.
 *
 * @param node this node's number, which keeps its ceiling apart from other nodes'
 * @param capacity subscribers kept in use; each costs the token a session object
 * @param engines which engine serves which subscriber
 * @param meters where vectors are counted
 */
public record AucSettings(int node, int capacity, EngineChoice engines, MeterRegistry meters) {

    /** Milenage only, and nothing counted. */
    public static AucSettings of(int node, int capacity) {
        return new AucSettings(node, capacity, EngineChoice.PORTABLE_ONLY, new CompositeMeterRegistry());
    }
}
