package org.kiln.perf.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.perf.plan.CapacityModel;
import org.kiln.perf.plan.NodeModel;
import org.kiln.perf.plan.StoreModel;

/**
 * A formula held against a played day.
 *
 * @param name what of
 * @param formula what it says
 * @param played what was counted
 * @param tolerance how far apart they may be: a part of the formula's, or where it is absolute so much
 */
public record Comparison(String name, String unit, double formula, double played, double tolerance, boolean absolute) {

    private static final double HIT_TOLERANCE = 0.02;
    private static final double LOAD_TOLERANCE = 0.01;
    private static final double UTILISATION_TOLERANCE = 0.03;
    private static final double WRITE_TOLERANCE = 0.05;
    private static final double WAIT_TOLERANCE = 0.4;
    private static final double STORM_TOLERANCE = 0.05;
    private static final double LEAST_WAIT_MICROS = 5;
    private static final double HIGH = 99;
    private static final double MICROS = 1e6;

    public boolean agrees() {
        double apart = Math.abs(played - formula);
        return apart <= (absolute ? tolerance : tolerance * Math.abs(formula));
    }

    /** All comparisons of a day: of its undisturbed hours, and of its storm. */
    public static List<Comparison> of(Scenario scenario, Tally tally) {
        CapacityModel model = scenario.model();
        NodeModel node = model.node(scenario.nodes());
        int[] hours = IntStream.range(warm(node), Tally.HOURS)
                .filter(scenario::undisturbed)
                .toArray();
        List<Comparison> all = new ArrayList<>();
        double requests = 0;
        double hits = 0;
        double work = 0;
        double writes = 0;
        StoreModel store = new StoreModel(model, scenario.nodes());
        for (int hour : hours) {
            double rate = model.load().ofPeople(hour) + model.load().ofFleetOverTheHour();
            double hit = node.hitRate(hour);
            requests += rate * Scenario.HOUR;
            hits += rate * Scenario.HOUR * hit;
            work += rate * node.serviceSeconds(hit);
            writes += store.sqnWrites(
                            hour, model.load().ofPeople(hour), model.load().ofFleetOverTheHour())
                    * Scenario.HOUR;
        }
        double played = sum(tally.requests, hours);
        all.add(new Comparison("requests", "", requests, played, LOAD_TOLERANCE, false));
        all.add(new Comparison(
                "keys in use already", "", hits / requests, sum(tally.hits, hours) / played, HIT_TOLERANCE, true));
        double processors = (double) scenario.nodes() * model.deployment().coresPerNode();
        all.add(new Comparison(
                "utilisation",
                "",
                work / processors / hours.length,
                busy(tally, hours) / processors / hours.length / Scenario.HOUR,
                UTILISATION_TOLERANCE,
                false));
        if (model.deployment().scheme() != SqnScheme.TIME_BASED) {
            all.add(new Comparison(
                    "rows written for sequence numbers",
                    "",
                    writes,
                    sum(tally.sqnWrites, hours),
                    WRITE_TOLERANCE,
                    false));
        }
        int busiest = model.traffic().busiestHour();
        if (scenario.undisturbed(busiest)) {
            all.addAll(waits(model, node, scenario, tally, busiest));
        }
        if (scenario.stormAt() >= 0) {
            all.add(storm(model, node, scenario, tally));
        }
        return List.copyOf(all);
    }

    /** The first hour in which caches, empty at midnight, are as the formulae take them to be. */
    private static int warm(NodeModel node) {
        double memory = Math.max(
                Math.min(node.deployment().cacheSeconds(), node.cache(0).characteristicTime()),
                node.deployment().scheme() == SqnScheme.GENERAL ? SqnMarks.GENERAL_STEP : 0);
        return 1 + (int) Math.min(Tally.HOURS / 2, memory / Scenario.HOUR);
    }

    private static List<Comparison> waits(
            CapacityModel model, NodeModel node, Scenario scenario, Tally tally, int hour) {
        double people = model.load().ofPeople(hour) / scenario.nodes();
        var waiting = node.waiting(people, node.cache(hour).peopleHitRate());
        double mean = waiting.meanWait() * MICROS;
        double high = waiting.quantile(HIGH / 100) * MICROS;
        var steady = tally.steadyWaits[hour];
        return List.of(
                wait("mean wait, busiest hour, fleet asleep", mean, steady.getMean()),
                wait("99th percentile of it", high, (double) steady.getValueAtPercentile(HIGH)));
    }

    private static Comparison wait(String name, double formula, double played) {
        double tolerance = Math.max(WAIT_TOLERANCE * formula, LEAST_WAIT_MICROS);
        return new Comparison(name, "µs", formula, played, tolerance, true);
    }

    /** The load of the storm's full minutes, as a share of what the nodes can answer. */
    private static Comparison storm(CapacityModel model, NodeModel node, Scenario scenario, Tally tally) {
        int from = (int) Math.ceil(scenario.stormAt() / Scenario.MINUTE);
        int to = Math.min(Tally.MINUTES, (int) (scenario.stormEnd() / Scenario.MINUTE));
        double formula = 0;
        double played = 0;
        double processors = (double) scenario.nodes() * model.deployment().coresPerNode();
        for (int minute = from; minute < to; minute++) {
            int hour = (int) (minute * Scenario.MINUTE / Scenario.HOUR);
            double steady = model.load().ofPeople(hour) + model.load().storm();
            double fleet = model.load().ofFleetAwake() * awake(model, minute);
            double hit = model.hitRateInStorm(node, hour) * steady / (steady + fleet);
            formula += Math.min(1, (steady + fleet) / scenario.nodes() / node.capacity(hit));
            played += tally.busy[minute] / Scenario.MINUTE / processors;
        }
        return new Comparison(
                "utilisation in the storm", "", formula / (to - from), played / (to - from), STORM_TOLERANCE, true);
    }

    /** The share of a minute in which the fleet is awake. */
    private static double awake(CapacityModel model, int minute) {
        double from = minute % 60 * Scenario.MINUTE;
        return Math.clamp((model.traffic().fleet().windowSeconds() - from) / Scenario.MINUTE, 0, 1);
    }

    private static double busy(Tally tally, int[] hours) {
        double sum = 0;
        for (int hour : hours) {
            for (int minute = 0; minute < 60; minute++) {
                sum += tally.busy[60 * hour + minute];
            }
        }
        return sum;
    }

    private static double sum(long[] counts, int[] hours) {
        return IntStream.of(hours).mapToLong(hour -> counts[hour]).sum();
    }
}
