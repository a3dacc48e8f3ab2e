package org.kiln.perf.plan;

import org.kiln.kms.sqn.SqnScheme;
import org.kiln.personalisation.document.Rules;

/**
 * How the network is to be served.
 *
 * @param subscribers N
 * @param coresPerNode processors of a node, each as fast as those measured
 * @param cacheEntries C: subscribers whose keys a node keeps in use
 * @param cacheSeconds T_L: how long at most a key stays in use after it was brought into use
 * @param routing how requests find their node
 * @param sites 1, or more of which any one may be lost
 * @param spares nodes of a site that may be out
 * @param utilisation U: how busy a node may be in the busiest hour, 0 to 1
 * @param stormUtilisation likewise in a storm
 * @param scheme how sequence numbers are made
 * @param indBits bits of IND in a sequence number
 * @param token the kind of token
 */
public record Deployment(
        long subscribers,
        int coresPerNode,
        long cacheEntries,
        double cacheSeconds,
        Routing routing,
        int sites,
        int spares,
        double utilisation,
        double stormUtilisation,
        SqnScheme scheme,
        int indBits,
        TokenKind token) {

    /** How requests find their node. */
    public enum Routing {
        /** By the subscriber: each node serves its own. */
        HASH,
        /** Any node, as it comes. */
        RANDOM
    }

    public Deployment {
        Rules.require(subscribers >= 1, "subscribers is 1 or more");
        Rules.require(coresPerNode >= 1, "cores is 1 or more");
        Rules.require(cacheEntries >= 1, "cache entries are 1 or more");
        Rules.require(cacheSeconds > 0, "cache seconds are above 0");
        Rules.require(sites >= 1, "sites is 1 or more");
        Rules.require(spares >= 0, "spares is 0 or more");
        Rules.require(utilisation > 0 && utilisation < 1, "utilisation is above 0 and below 1");
        Rules.require(stormUtilisation > 0 && stormUtilisation <= 1, "storm utilisation is above 0, at most 1");
        Rules.require(indBits >= 0 && indBits <= 28, "IND has 0 to 28 bits");
    }
}
