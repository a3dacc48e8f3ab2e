package org.kiln.kms.seat;

/**
 * The numbers that a process may take a seat of. Sites whose nodes do not share one database each have numbers of their own, and
 * so values of IND of their own, as long as all of them count the same nodes.
 *
 * @param first the lowest
 * @param count how many
 * @param nodes how many numbers there are at all sites
 */
public record SeatNumbers(int first, int count, int nodes) {

    /** @throws IllegalArgumentException if they are not among the numbers of all sites */
    public SeatNumbers {
        if (first < 0 || count < 1 || first + count > nodes) {
            throw new IllegalArgumentException(count + " numbers from " + first + " on are not among " + nodes);
        }
    }

    /** All of them. */
    public static SeatNumbers all(int nodes) {
        return new SeatNumbers(0, nodes, nodes);
    }

    /**
     * Those of a site; sites have equally many.
     *
     * @param site from 0
     * @throws IllegalArgumentException if the numbers cannot be divided so, or there is no such site
     */
    public static SeatNumbers ofSite(int site, int sites, int nodes) {
        if (sites < 1 || nodes % sites != 0) {
            throw new IllegalArgumentException(nodes + " numbers cannot be divided evenly among " + sites + " sites");
        }
        int each = nodes / sites;
        return new SeatNumbers(site * each, each, nodes);
    }

    /** Whether a number is among them. */
    public boolean contains(int node) {
        return node >= first && node < first + count;
    }

    /** As messages name them. */
    String words() {
        return count == nodes
                ? "all " + nodes + " node numbers"
                : "the numbers " + first + " to " + (first + count - 1) + " of this site";
    }
}
