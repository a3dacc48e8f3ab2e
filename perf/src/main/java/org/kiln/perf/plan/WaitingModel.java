package org.kiln.perf.plan;

/**
 * Waiting at a node: c servers, Poisson arrivals, service times of any shape, by the Allen–Cunneen approximation, exact
 * for exponential service.
 *
 * @param servers c
 * @param arrivals in a second
 * @param serviceSeconds S, on average
 * @param variation squared coefficient of variation of S
 */
public record WaitingModel(int servers, double arrivals, double serviceSeconds, double variation) {

    /** ρ, the share of time that a server works. */
    public double utilisation() {
        return arrivals * serviceSeconds / servers;
    }

    /** The probability that a request waits (Erlang C); 1 for an overloaded node. */
    public double probabilityOfWaiting() {
        double offered = arrivals * serviceSeconds;
        if (offered >= servers) {
            return 1;
        }
        double blocked = 1;
        for (int n = 1; n <= servers; n++) {
            blocked = offered * blocked / (n + offered * blocked);
        }
        return blocked / (1 - utilisation() * (1 - blocked));
    }

    /** Mean time in the queue in seconds. */
    public double meanWait() {
        double spare = servers / serviceSeconds - arrivals;
        return spare <= 0 ? Double.POSITIVE_INFINITY : probabilityOfWaiting() / spare * (1 + variation) / 2;
    }

    /** The time in the queue, in seconds, that this share of requests does not exceed. */
    public double quantile(double share) {
        double waiting = probabilityOfWaiting();
        if (1 - share >= waiting) {
            return 0;
        }
        return meanWait() / waiting * Math.log(waiting / (1 - share));
    }
}
