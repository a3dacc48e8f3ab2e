package org.kiln.perf.bench;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How much is measured, and for how long.
 *
 * @param seconds of each measurement
 * @param subscribers of the large database
 * @param threads of the token's ceiling and in process
 * @param lanes of a node
 * @param cards of the batch that is made
 */
public record Scale(int seconds, int subscribers, int threads, int lanes, int cards) {

    /** Vectors of a request, where several are asked for. */
    static final int VECTORS = 5;

    /** Subscribers whose keys a node has in use, where that is measured. */
    static final int HOT = 10_000;

    /** So few that by the time that one is asked for again his keys are no longer in use. */
    static final int FEW = 500;

    /** One thread and all of them, for the token alone, whose threads may have less together than one by itself. */
    List<Integer> oneThreadAndAll() {
        return IntStream.of(1, threads).distinct().boxed().toList();
    }

    static String id(String part, String mode, int vectors, int threads) {
        return part + "." + mode + "." + vectors + "v." + threads + "t";
    }
}
