package org.kiln.perf.plan;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.document.Rules;

/**
 * What subscribers ask for, as {@code traffic.yaml} states it.
 *
 * @param domains what people's devices do
 * @param followSeconds how long after the request that it follows a following request comes
 * @param day how a day's traffic is spread over its hours
 * @param skew exponent s of the subscribers' rates: the rate of the x-th busiest share of them goes as x^-s; 0 to 0.7
 * @param fleet devices that wake on the hour, which are no people
 * @param storm everybody registers anew
 * @param resynchronisations share of requests that a resynchronisation is added to
 */
public record Traffic(
        List<Domain> domains,
        double followSeconds,
        Day day,
        double skew,
        Fleet fleet,
        Storm storm,
        double resynchronisations) {

    private static final int HOURS = 24;
    private static final int HALVINGS = 60;
    private static final double MOST_BUSY = 0.5;
    private static final double MOST_SKEW = 0.7;

    public Traffic {
        domains = Rules.list("domains", domains);
        Rules.require(!domains.isEmpty(), "domains names at least one");
        Rules.present("day", day);
        Rules.present("fleet", fleet);
        Rules.present("storm", storm);
        Rules.require(followSeconds > 0, "followSeconds is above 0");
        Rules.require(skew >= 0 && skew <= MOST_SKEW, "skew is 0 to " + MOST_SKEW);
        requireShare("resynchronisations", resynchronisations);
        Rules.require(primariesPerDay(domains) > 0, "some domain that follows none has requests");
    }

    /**
     * One domain's authentications.
     *
     * @param name such as {@code EPS}
     * @param share of people who use it
     * @param vectorsPerRequest 1 to 5
     * @param follows whether its requests come right after another domain's, of the same subscriber
     * @param confirmed share of its authentications that the serving network confirms to the node
     * @param procedures what makes the network authenticate
     */
    public record Domain(
            String name,
            double share,
            int vectorsPerRequest,
            boolean follows,
            double confirmed,
            List<Procedure> procedures) {

        private static final int MOST_VECTORS = 5;

        public Domain {
            Rules.name("name", name);
            requireShare("share", share);
            Rules.require(
                    vectorsPerRequest >= 1 && vectorsPerRequest <= MOST_VECTORS,
                    "vectorsPerRequest is 1 to " + MOST_VECTORS);
            requireShare("confirmed", confirmed);
            procedures = Rules.list("procedures", procedures);
        }

        /** Authentications of one of its users in a day. */
        public double authenticationsPerDay() {
            return procedures.stream()
                    .mapToDouble(procedure -> procedure.perDay() * procedure.authenticated())
                    .sum();
        }

        /** Requests for vectors in a day, for each subscriber of the network. */
        double requestsPerDay() {
            return share * authenticationsPerDay() / vectorsPerRequest;
        }
    }

    /**
     * A procedure that may authenticate.
     *
     * @param perDay how often a user runs it in a day
     * @param authenticated share of the runs in which the network authenticates
     * @param basis where the two figures come from
     */
    public record Procedure(String name, double perDay, double authenticated, String basis) {

        public Procedure {
            Rules.present("name", name);
            Rules.present("basis", basis);
            Rules.require(perDay >= 0, "perDay is 0 or more");
            requireShare("authenticated", authenticated);
        }
    }

    /**
     * The hours of a day.
     *
     * @param busyHourFactor share of the day's requests in its busiest hour (busy-hour factor, as in BHCA)
     * @param curve 24 weights, the first for the hour after midnight, raised to a power that fits the factor
     */
    public record Day(double busyHourFactor, List<Double> curve) {

        public Day {
            curve = Rules.list("curve", curve);
            Rules.require(
                    curve.size() == HOURS && curve.stream().allMatch(weight -> weight > 0),
                    "curve has 24 weights, each above 0");
            double peak = curve.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
            Rules.require(curve.stream().filter(weight -> weight == peak).count() == 1, "curve has one busiest hour");
            Rules.require(
                    busyHourFactor >= 1.0 / HOURS && busyHourFactor <= MOST_BUSY,
                    "busyHourFactor is 1/24 to " + MOST_BUSY);
        }

        /** Each hour's share of the day: the curve to that power which makes its peak the busy-hour factor. */
        public double[] shares() {
            double low = 0;
            double high = 1;
            while (Arrays.stream(raised(high)).max().orElseThrow() < busyHourFactor) {
                high *= 2;
            }
            for (int i = 0; i < HALVINGS; i++) {
                double middle = (low + high) / 2;
                if (Arrays.stream(raised(middle)).max().orElseThrow() < busyHourFactor) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            return raised(high);
        }

        private double[] raised(double power) {
            double[] weights = curve.stream()
                    .mapToDouble(weight -> Math.pow(weight, power))
                    .toArray();
            double sum = Arrays.stream(weights).sum();
            return Arrays.stream(weights).map(weight -> weight / sum).toArray();
        }

        /** This day with another busy-hour factor. */
        public Day withBusyHourFactor(double factor) {
            return new Day(factor, curve);
        }
    }

    /**
     * Devices of the internet of things, which wake on the hour, each as its turn comes.
     *
     * @param share of all subscribers
     * @param authenticationsPerHour of each, 0 to 1
     * @param windowSeconds over which an hour's wakings spread
     */
    public record Fleet(
            double share,
            double authenticationsPerHour,
            double windowSeconds,
            @Nullable String basis) {

        public Fleet {
            requireShare("fleet.share", share);
            requireShare("authenticationsPerHour", authenticationsPerHour);
            Rules.require(windowSeconds >= 1 && windowSeconds <= 3600, "windowSeconds is 1 to 3600");
        }
    }

    /**
     * What follows an outage.
     *
     * @param share of all subscribers who register anew
     * @param minutes within which they do
     * @param requests of each, one right after the other
     */
    public record Storm(
            double share,
            double minutes,
            double requests,
            @Nullable String basis) {

        public Storm {
            requireShare("storm.share", share);
            Rules.require(minutes > 0, "minutes is above 0");
            Rules.require(requests >= 1, "requests is 1 or more");
        }
    }

    /** This traffic with another busy-hour factor. */
    public Traffic withBusyHourFactor(double factor) {
        return new Traffic(
                domains, followSeconds, day.withBusyHourFactor(factor), skew, fleet, storm, resynchronisations);
    }

    /** This traffic with a storm of another length. */
    public Traffic withStormMinutes(double minutes) {
        return new Traffic(
                domains,
                followSeconds,
                day,
                skew,
                fleet,
                new Storm(storm.share(), minutes, storm.requests(), storm.basis()),
                resynchronisations);
    }

    /** Requests that follow no other, of one of the people in a day. */
    public double primariesPerDay() {
        return primariesPerDay(domains);
    }

    private static double primariesPerDay(List<Domain> domains) {
        return domains.stream()
                .filter(domain -> !domain.follows())
                .mapToDouble(Domain::requestsPerDay)
                .sum();
    }

    /** Requests that come right after another of the same subscriber, for each that does not. */
    public double followersPerPrimary() {
        return domains.stream()
                        .filter(Domain::follows)
                        .mapToDouble(Domain::requestsPerDay)
                        .sum()
                / primariesPerDay();
    }

    /** Requests of one of the people in a day. */
    public double requestsPerDay() {
        return primariesPerDay() * (1 + followersPerPrimary());
    }

    /** Vectors in a request, on average. */
    public double vectorsPerRequest() {
        return domains.stream()
                        .mapToDouble(domain -> domain.requestsPerDay() * domain.vectorsPerRequest())
                        .sum()
                / requestsPerDay();
    }

    /** Confirmations for each request: what is written as an authentication event. */
    public double confirmationsPerRequest() {
        return domains.stream()
                        .mapToDouble(
                                domain -> domain.requestsPerDay() * domain.vectorsPerRequest() * domain.confirmed())
                        .sum()
                / requestsPerDay();
    }

    /** The busiest hour, 0 to 23. */
    public int busiestHour() {
        double[] shares = day.shares();
        double most = Arrays.stream(shares).max().orElseThrow();
        int hour = 0;
        while (shares[hour] < most) {
            hour++;
        }
        return hour;
    }

    private static void requireShare(String member, double value) {
        Rules.require(value >= 0 && value <= 1, member + " is a share, 0 to 1");
    }
}
