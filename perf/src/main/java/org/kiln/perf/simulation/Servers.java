package org.kiln.perf.simulation;

import java.util.Arrays;

/** The processors of a node and the queue before them: first come, first served. */
final class Servers {

    private final double[] freeAt;
    private final double[] starts;
    private int head;
    private int waiting;

    /** @param queue requests that may wait */
    Servers(int servers, int queue) {
        freeAt = new double[servers];
        starts = new double[queue];
    }

    /** Whether somebody who comes now is turned away: the queue is full. */
    boolean full(double now) {
        while (waiting > 0 && starts[head] <= now) {
            head = head + 1 == starts.length ? 0 : head + 1;
            waiting--;
        }
        return waiting == starts.length;
    }

    /** Takes a request; how long it waits, in seconds. To be called after {@link #full} said no. */
    double serve(double now, double seconds) {
        int next = 0;
        for (int i = 1; i < freeAt.length; i++) {
            if (freeAt[i] < freeAt[next]) {
                next = i;
            }
        }
        double start = Math.max(now, freeAt[next]);
        freeAt[next] = start + seconds;
        if (start > now) {
            starts[(head + waiting++) % starts.length] = start;
        }
        return start - now;
    }

    /** Nobody waits and nobody is served any more. */
    void clear(double now) {
        Arrays.fill(freeAt, now);
        waiting = 0;
    }
}
