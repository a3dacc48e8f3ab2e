package org.kiln.perf.simulation;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.kiln.perf.plan.Deployment;
import org.kiln.perf.plan.Load;
import org.kiln.perf.plan.Traffic;

/**
 * Who asks one node for vectors, and when. People's first requests are Poisson, the hour's rate and a skewed choice of
 * whom; the fleet's devices come in turn while an hour's wakings last; in a storm everybody comes in turn; followers
 * come a fixed time later. While another node is out, its share of its subscribers comes here as well.
 */
final class Arrivals {

    private static final int FIRST_ROOM = 1 << 12;

    private final Scenario scenario;
    private final Traffic traffic;
    private final int node;
    private final SplittableRandom random;
    private final double[] primaries = new double[24];
    private final double fleetRate;
    private final double stormRate;
    private final boolean hashed;
    private final int people;
    private final int devices;
    private final int adoptedPeople;
    private final double unskewed;

    private double[] followTimes = new double[FIRST_ROOM];
    private int[] followers = new int[FIRST_ROOM];
    private int followHead;
    private int followCount;

    private double time;
    private double until;
    private double ofPeople;
    private double ofFleet;
    private double ofStorm;
    private double adopted;
    private int nextDevice;
    private int nextInStorm;

    private int subscriber;

    Arrivals(Scenario scenario, int node, SplittableRandom random) {
        this.scenario = scenario;
        this.node = node;
        this.random = random;
        traffic = scenario.model().traffic();
        Load load = scenario.model().load();
        int nodes = scenario.nodes();
        hashed = scenario.model().deployment().routing() == Deployment.Routing.HASH;
        people = (int) (load.people() / (hashed ? nodes : 1));
        devices = (int) (load.devices() / (hashed ? nodes : 1));
        adoptedPeople = hashed && nodes > 1 ? people / (nodes - 1) : 0;
        for (int hour = 0; hour < primaries.length; hour++) {
            primaries[hour] = load.ofPeople(hour) / nodes / (1 + traffic.followersPerPrimary());
        }
        fleetRate = load.ofFleetAwake() / nodes;
        stormRate = load.storm() / nodes / traffic.storm().requests();
        unskewed = 1 / (1 - traffic.skew());
        nextDevice = devices == 0 ? 0 : random.nextInt(devices);
        enter(0);
    }

    /** Numbers that subscribers may have, from 0: people, devices, those adopted. */
    int population() {
        return people + devices + adoptedPeople;
    }

    /** Somebody who asks on an undisturbed day and follows nobody, as likely as he asks. */
    int anybody(SplittableRandom chance) {
        if (devices > 0 && chance.nextDouble() < fleetsShare()) {
            return people + chance.nextInt(devices);
        }
        return (int) (Math.pow(chance.nextDouble(), unskewed) * people);
    }

    /** How likely {@link #anybody} is this one. */
    double likelihood(int who) {
        if (who >= people) {
            return fleetsShare() / devices;
        }
        double from = Math.pow((double) who / people, 1 / unskewed);
        double to = Math.pow((who + 1.0) / people, 1 / unskewed);
        return (1 - fleetsShare()) * (to - from);
    }

    private double fleetsShare() {
        double ofFleet = fleetRate * traffic.fleet().windowSeconds() * primaries.length;
        double ofAll = ofFleet + Arrays.stream(primaries).sum() * Scenario.HOUR;
        return ofAll == 0 ? 0 : ofFleet / ofAll;
    }

    /** Subscribers of this node: {@link #population} without those adopted. */
    int own() {
        return people + devices;
    }

    /** Moves on to the next request; false when the day is over. */
    boolean next() {
        while (time < Scenario.DAY) {
            double rate = ofPeople + ofFleet + ofStorm;
            double due = rate == 0 ? Double.POSITIVE_INFINITY : time - Math.log(1 - random.nextDouble()) / rate;
            double follows = followCount == 0 ? Double.POSITIVE_INFINITY : followTimes[followHead];
            if (Math.min(due, follows) >= until) {
                enter(until);
            } else if (follows <= due) {
                time = follows;
                subscriber = followers[followHead];
                followHead = (followHead + 1) % followTimes.length;
                followCount--;
                return true;
            } else {
                time = due;
                draw(random.nextDouble() * rate);
                return true;
            }
        }
        return false;
    }

    double time() {
        return time;
    }

    /** Who asks. */
    int subscriber() {
        return subscriber;
    }

    private void draw(double which) {
        if (which < ofPeople) {
            subscriber = person();
            if (random.nextDouble() < traffic.followersPerPrimary()) {
                follow();
            }
        } else if (which < ofPeople + ofFleet) {
            subscriber = people + nextDevice;
            nextDevice = nextDevice + 1 == devices ? 0 : nextDevice + 1;
        } else {
            subscriber = nextInStorm;
            nextInStorm = nextInStorm + 1 == people + devices ? 0 : nextInStorm + 1;
            for (double left = traffic.storm().requests() - 1; left > 0; left--) {
                if (random.nextDouble() < left) {
                    follow();
                }
            }
        }
    }

    private int person() {
        double x = Math.pow(random.nextDouble(), unskewed);
        if (adopted > 0 && random.nextDouble() < adopted) {
            return people + devices + (int) (x * adoptedPeople);
        }
        return (int) (x * people);
    }

    /** With routing at random, what follows goes to some node; some other's comes here in its place. */
    private void follow() {
        if (followCount == followTimes.length) {
            grow();
        }
        int place = (followHead + followCount++) % followTimes.length;
        followTimes[place] = time + traffic.followSeconds();
        followers[place] = hashed ? subscriber : (int) (Math.pow(random.nextDouble(), unskewed) * people);
    }

    private void grow() {
        double[] times = new double[2 * followTimes.length];
        int[] who = new int[2 * followTimes.length];
        for (int i = 0; i < followCount; i++) {
            times[i] = followTimes[(followHead + i) % followTimes.length];
            who[i] = followers[(followHead + i) % followTimes.length];
        }
        followTimes = times;
        followers = who;
        followHead = 0;
    }

    /** Takes the rates that hold from a moment on, and until when they do. */
    private void enter(double moment) {
        time = moment;
        int hour = Math.min(23, (int) (moment / Scenario.HOUR));
        double hourStart = hour * Scenario.HOUR;
        double fleetEnd = hourStart + traffic.fleet().windowSeconds();
        until = hourStart + Scenario.HOUR;
        bound(moment, fleetEnd);
        bound(moment, scenario.stormAt());
        bound(moment, scenario.stormEnd());
        boolean out = false;
        boolean otherOut = false;
        for (Scenario.Outage outage : scenario.outages()) {
            bound(moment, outage.from());
            bound(moment, outage.to());
            out |= outage.node() == node && outage.covers(moment);
            otherOut |= outage.node() != node && outage.covers(moment);
        }
        double more = out ? 0 : otherOut ? (double) scenario.nodes() / (scenario.nodes() - 1) : 1;
        adopted = otherOut && hashed ? 1.0 / scenario.nodes() : 0;
        ofPeople = primaries[hour] * more;
        ofFleet = moment < fleetEnd ? fleetRate * more : 0;
        ofStorm = scenario.inStorm(moment) ? stormRate * more : 0;
        if (out) {
            followCount = 0;
        }
    }

    private void bound(double moment, double change) {
        if (change > moment) {
            until = Math.min(until, change);
        }
    }
}
