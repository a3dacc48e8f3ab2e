package org.kiln.perf.plan;

import java.util.function.DoubleUnaryOperator;

/**
 * How many requests of a node find their subscriber's keys in use: Che's approximation of a least-recently-used cache,
 * with a time limit that counts from when a key was brought into use.
 *
 * <p>People's first requests are Poisson, the rate of the share x of them (busiest first) going as x^-s; each has
 * followers that find the keys in use. The fleet's devices come at even intervals.
 *
 * @param people of the node
 * @param primaries people's requests in a second that follow no other
 * @param followers requests that follow, for each that does not
 * @param skew s
 * @param devices the fleet's, of the node
 * @param period seconds between two requests of a device; infinite without a fleet
 * @param entries C
 * @param limit T_L in seconds
 */
public record CacheModel(
        double people,
        double primaries,
        double followers,
        double skew,
        double devices,
        double period,
        double entries,
        double limit) {

    /** So many times longer than the time limit, and gaps that are too long do not come. */
    private static final double MANY = 1e9;

    /** Nearer to 1, and a stay is endless. */
    private static final double LEAST = 1e-9;

    private static final int STEPS = 500;
    private static final int HALVINGS = 50;

    /**
     * The characteristic time T_C in seconds: how long a key stays that nobody asks for. Infinite if all have room.
     */
    public double characteristicTime() {
        double[] rates = rates();
        if (entries >= occupied(rates, Double.POSITIVE_INFINITY)) {
            return Double.POSITIVE_INFINITY;
        }
        double low = 0;
        double high = 1;
        while (occupied(rates, high) < entries) {
            high *= 2;
        }
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (occupied(rates, middle) < entries) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    private double occupied(double[] rates, double time) {
        double ofPeople = primaries == 0 ? 0 : people * mean(rates, rate -> 1 - Math.exp(-rate * time));
        double ofDevices = devices == 0 ? 0 : devices * Math.min(1, time / period);
        return ofPeople + ofDevices;
    }

    /** Share of people's requests that find the keys in use, followers included. */
    public double peopleHitRate() {
        if (primaries == 0) {
            return 0;
        }
        double time = characteristicTime();
        double first = mean(rates(), rate -> rate * hitOf(rate, time)) * people / primaries;
        return (first + followers) / (1 + followers);
    }

    /** Share of the fleet's. */
    public double fleetHitRate() {
        if (period >= characteristicTime() || period > limit) {
            return 0;
        }
        double hits = Math.floor(limit / period);
        return hits / (hits + 1);
    }

    /** Share of all requests, over an hour. */
    public double hitRate() {
        return hitRate(primaries * (1 + followers), devices / period);
    }

    /** Share of all requests while people's and the fleet's come at these rates. */
    public double hitRate(double ofPeople, double ofFleet) {
        return (ofPeople * peopleHitRate() + ofFleet * fleetHitRate()) / (ofPeople + ofFleet);
    }

    /**
     * Share of all requests that begin a block, while people's and the fleet's come at these rates: the first of each stay,
     * and what comes after each full block of it. What a stay has not used of its last block is lost with it.
     *
     * @param block requests that one is good for; infinite for any number
     */
    public double blockRate(double ofPeople, double ofFleet, double block) {
        double peoples = primaries == 0 ? 0 : peopleBlockRate(block / (1 + followers)) / (1 + followers);
        double fleets = devices == 0 ? 0 : fleetBlockRate(block);
        return (ofPeople * peoples + ofFleet * fleets) / (ofPeople + ofFleet);
    }

    private double peopleBlockRate(double block) {
        double time = characteristicTime();
        return mean(rates(), rate -> rate * blocksOf(hitOf(rate, time), block)) * people / primaries;
    }

    /** Of a stay that each request outlasts with this probability: blocks of it for each request of it. */
    private static double blocksOf(double hit, double block) {
        double ends = 1 - hit;
        double fills = Double.isInfinite(block) ? 0 : Math.pow(hit, block);
        return fills > 1 - LEAST ? 1 / block : ends / (1 - fills);
    }

    private double fleetBlockRate(double block) {
        if (period >= characteristicTime() || period > limit) {
            return 1;
        }
        return Math.max(1 / (Math.floor(limit / period) + 1), 1 / block);
    }

    /**
     * Of one who asks at a rate. A key stays until nobody has asked for T_C, or T_L has passed; up to T_C it is certainly
     * there, from then on gaps that are too long come at an even pace.
     */
    private double hitOf(double rate, double time) {
        if (Double.isInfinite(limit)) {
            return -Math.expm1(-rate * time);
        }
        if (limit <= time) {
            return rate * limit / (1 + rate * limit);
        }
        double within = rate * time;
        double beyond = Math.expm1(within) - within;
        double after = rate * (limit - time);
        double hits =
                within + (beyond > after * MANY ? after : beyond <= 0 ? 0 : beyond * -Math.expm1(-after / beyond));
        return hits / (1 + hits);
    }

    /** The mean over people of a function of one's rate. */
    private double mean(double[] rates, DoubleUnaryOperator function) {
        double sum = 0;
        for (int i = 0; i < STEPS; i++) {
            double u = (i + 0.5) / STEPS;
            sum += function.applyAsDouble(rates[i]) * 3 * u * u;
        }
        return sum / STEPS;
    }

    /** Rates of the shares u³ of people, for u evenly spaced: the busiest few are looked at most closely. */
    private double[] rates() {
        double[] rates = new double[STEPS];
        for (int i = 0; i < STEPS; i++) {
            double u = (i + 0.5) / STEPS;
            rates[i] = primaries / people * (1 - skew) * Math.pow(u, -3 * skew);
        }
        return rates;
    }
}
