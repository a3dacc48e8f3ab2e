package org.kiln.perf.simulation;

import java.util.SplittableRandom;
import org.kiln.kms.sqn.CounterSequence;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.sqn.SqnSequence;

/**
 * What a node writes for the sequence numbers of its subscribers. Of those in use it knows what is left below their marks; of so
 * many others, who were in use last, it has kept it.
 */
final class SqnMarks {

    static final double GENERAL_STEP = 4096;

    private static final long OF_ITS_OWN = 0x5f3a;

    private final SqnScheme scheme;
    private final KeyCache known;
    private final double elsewhere;
    private final SplittableRandom random;
    /** Vectors that are left below the mark, or the second of the day that it reaches. */
    private final float[] left;

    /**
     * @param population subscribers are numbered from 0 to less than it
     * @param entries whose keys the node keeps in use
     * @param elsewhere the probability that the request before went to another node, which has written since
     */
    SqnMarks(SqnScheme scheme, int population, long entries, double elsewhere, long seed) {
        this.scheme = scheme;
        this.elsewhere = elsewhere;
        int counted = scheme == SqnScheme.TIME_BASED ? 0 : population;
        known = new KeyCache(counted, entries + SqnSequence.Left.room(entries), Double.POSITIVE_INFINITY);
        left = new float[known.places()];
        random = new SplittableRandom(seed ^ OF_ITS_OWN);
    }

    /** How many subscribers' numbers the node can know. */
    int places() {
        return left.length;
    }

    /**
     * The node knows a subscriber's numbers as the day begins, who has had so many vectors since it did not. To be told of
     * in the order in which they asked last.
     */
    void know(int subscriber, long vectorsSince) {
        int place = known.admit(subscriber, 0);
        left[place] = scheme == SqnScheme.GENERAL ? -1 : Math.floorMod(-vectorsSince, CounterSequence.BLOCK);
    }

    /** The node has been down. */
    void clear() {
        known.clear();
    }

    /** Reserves vectors; true if a row had to be written first. Where nothing is known, a sequence begins at its mark. */
    boolean reserve(int subscriber, int vectors, double now) {
        if (scheme == SqnScheme.TIME_BASED) {
            return false;
        }
        int found = known.find(subscriber, now);
        boolean begins = found < 0 || (elsewhere > 0 && random.nextDouble() < elsewhere);
        int place = found < 0 ? known.admit(subscriber, now) : found;
        if (scheme == SqnScheme.GENERAL) {
            boolean written = begins || now > left[place];
            if (written) {
                left[place] = (float) (now + GENERAL_STEP);
            }
            return written;
        }
        float before = begins ? 0 : left[place];
        boolean written = before < vectors;
        left[place] = (written ? before + CounterSequence.BLOCK : before) - vectors;
        return written;
    }
}
