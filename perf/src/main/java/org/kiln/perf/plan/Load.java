package org.kiln.perf.plan;

/**
 * Requests for vectors in a second, of the whole network (symbols of docs/scale.md).
 *
 * @param people subscribers who are no fleet
 * @param devices of the fleet
 */
public record Load(Traffic traffic, double people, double devices) {

    private static final double HOUR = 3600;
    private static final double MINUTE = 60;

    public static Load of(Traffic traffic, long subscribers) {
        double devices = subscribers * traffic.fleet().share();
        return new Load(traffic, subscribers - devices, devices);
    }

    /** Requests in a day, resynchronisations included. */
    public double perDay() {
        return (people * traffic.requestsPerDay() + devices * traffic.fleet().authenticationsPerHour() * 24)
                * (1 + traffic.resynchronisations());
    }

    /** People's, in an hour of the day. */
    public double ofPeople(int hour) {
        return people
                * traffic.requestsPerDay()
                * traffic.day().shares()[hour]
                / HOUR
                * (1 + traffic.resynchronisations());
    }

    /** The fleet's, while an hour's wakings last. */
    public double ofFleetAwake() {
        return devices
                * traffic.fleet().authenticationsPerHour()
                / traffic.fleet().windowSeconds()
                * (1 + traffic.resynchronisations());
    }

    /** The fleet's, over the whole hour. */
    public double ofFleetOverTheHour() {
        return ofFleetAwake() * traffic.fleet().windowSeconds() / HOUR;
    }

    /** The busiest moment of an undisturbed day: the fleet awake in the busiest hour. */
    public double peak() {
        return ofPeople(traffic.busiestHour()) + ofFleetAwake();
    }

    /** What a storm adds. */
    public double storm() {
        Traffic.Storm storm = traffic.storm();
        return (people + devices) * storm.share() * storm.requests() / (MINUTE * storm.minutes());
    }
}
