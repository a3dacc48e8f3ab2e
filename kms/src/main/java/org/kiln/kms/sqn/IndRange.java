package org.kiln.kms.sqn;

/**
 * The values of IND that one node hands out to one domain, in turn (TS 33.102 Annex C.3.4).
 *
 * <p>Nodes share the values evenly, so that two of them never hand out one SQN though they follow one clock. Of a node's
 * values the packet-switched domain has the first half, circuit-switched and IMS a quarter each; where a node has fewer
 * than four, the domains share them. All vectors of one request bear one IND.
 *
 * @param first the lowest
 * @param size how many
 */
public record IndRange(int first, int size) {

    /** Who asks: cards are challenged by these independently of one another. */
    public enum Domain {
        PACKET_SWITCHED,
        CIRCUIT_SWITCHED,
        IMS
    }

    /**
     * The values for a domain of a node.
     *
     * @param nodes how many nodes share the values
     * @param node 0 to {@code nodes} - 1
     * @throws IllegalArgumentException if there are more nodes than values
     */
    public static IndRange of(Sqn format, int nodes, int node, Domain domain) {
        int size = format.inds() / nodes;
        if (size < 1 || node < 0 || node >= nodes) {
            throw new IllegalArgumentException(
                    "IND of " + format.indLength() + " bits has no values for node " + node + " of " + nodes);
        }
        int first = node * size;
        if (size < 4) {
            return new IndRange(first, size);
        }
        return switch (domain) {
            case PACKET_SWITCHED -> new IndRange(first, size / 2);
            case CIRCUIT_SWITCHED -> new IndRange(first + size / 2, size / 4);
            case IMS -> new IndRange(first + size / 2 + size / 4, size - size / 2 - size / 4);
        };
    }

    /** The value that takes its turn with the {@code turn}-th request. */
    public int at(long turn) {
        return first + (int) Math.floorMod(turn, (long) size);
    }
}
