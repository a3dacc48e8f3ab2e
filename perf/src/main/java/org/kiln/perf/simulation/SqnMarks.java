package org.kiln.perf.simulation;

import org.kiln.kms.sqn.CounterSequence;
import org.kiln.kms.sqn.SqnScheme;

/** What is written for the sequence numbers of the subscribers in a cache's places. */
final class SqnMarks {

    private static final float GENERAL_STEP = 4096;

    private final SqnScheme scheme;
    /** Vectors that are left below the mark, or the second of the day that it reaches. */
    private final float[] left;

    SqnMarks(SqnScheme scheme, int places) {
        this.scheme = scheme;
        left = new float[scheme == SqnScheme.TIME_BASED ? 0 : places];
    }

    /** Reserves vectors; true if a row had to be written first. A sequence that was just read begins at its mark. */
    boolean reserve(int place, boolean justRead, int vectors, double now) {
        return switch (scheme) {
            case TIME_BASED -> false;
            case NON_TIME_BASED -> {
                float before = justRead ? 0 : left[place];
                boolean written = before < vectors;
                left[place] = (written ? before + CounterSequence.BLOCK : before) - vectors;
                yield written;
            }
            case GENERAL -> {
                boolean written = justRead || now > left[place];
                if (written) {
                    left[place] = (float) now + GENERAL_STEP;
                }
                yield written;
            }
        };
    }
}
