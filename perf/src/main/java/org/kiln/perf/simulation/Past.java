package org.kiln.perf.simulation;

import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * What a node that has served for long knows of its subscribers' numbers as the day begins. It is played backwards: requests
 * are drawn, the latest first, until as many have asked as it can know. Who asks so often that he never is unknown may be
 * anywhere in a block.
 */
final class Past {

    /** So many draws for each subscriber, and whoever has not come yet is taken as he is. */
    private static final int MOST_DRAWS = 30;

    private static final long LONG_AGO = 1_000_000;

    private final Arrivals arrivals;
    private final double vectors;
    private final SplittableRandom chance;

    /** @param vectors in a request and those that follow it, on average */
    Past(Arrivals arrivals, double vectors, SplittableRandom chance) {
        this.arrivals = arrivals;
        this.vectors = vectors;
        this.chance = chance;
    }

    /** Tells the marks of those who are known, who asked last is told of last. */
    void tell(SqnMarks marks) {
        int most = Math.min(marks.places(), arrivals.own());
        if (most == 0) {
            return;
        }
        int[] latest = new int[most];
        BitSet seen = new BitSet(arrivals.own());
        boolean all = most == arrivals.own();
        long draws = 0;
        int found = 0;
        while (!all && found < most && draws < (long) MOST_DRAWS * arrivals.own()) {
            int who = arrivals.anybody(chance);
            draws++;
            if (!seen.get(who)) {
                seen.set(who);
                latest[found++] = who;
            }
        }
        for (int who = seen.nextClearBit(0); found < most; who = seen.nextClearBit(who + 1)) {
            latest[found++] = who;
        }
        for (int i = most - 1; i >= 0; i--) {
            marks.know(latest[i], all ? chance.nextLong(LONG_AGO) : since(latest[i], draws));
        }
    }

    /** Vectors that he has had since he last stayed away for so many draws. */
    private long since(int who, long draws) {
        double again = -Math.expm1(draws * Math.log1p(-arrivals.likelihood(who)));
        if (again > 1 - 1e-6) {
            return chance.nextLong(LONG_AGO);
        }
        long requests = 1 + (long) (Math.log(1 - chance.nextDouble()) / Math.log(again));
        return Math.round(requests * vectors);
    }
}
