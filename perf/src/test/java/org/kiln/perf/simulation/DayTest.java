package org.kiln.perf.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.perf.plan.CapacityModel;
import org.kiln.perf.plan.Deployment;
import org.kiln.perf.plan.Deployment.Routing;
import org.kiln.perf.plan.Examples;
import org.kiln.perf.plan.Traffic;

/** Small days, always the same, held against the formulae. Requests are slow, so that few make a node busy. */
class DayTest {

    private static final int SUBSCRIBERS = 400_000;
    private static final int NODES = 3;
    private static final double NINE = 9 * Scenario.HOUR;
    private static final double FIFTEEN = 15 * Scenario.HOUR;

    private static CapacityModel model(SqnScheme scheme, Routing routing, double skew, long entries, double limit) {
        Traffic.Fleet fleet = new Traffic.Fleet(0.1, 0.2, 600, null);
        return new CapacityModel(
                Examples.traffic(skew, fleet),
                Examples.costs(60_000, 30_000, 200_000, 1e9, 1e9),
                new Deployment(
                        SUBSCRIBERS, 2, entries, limit, routing, 1, 0, 0.6, 0.9, scheme, 5, Examples.ON_THE_NODE));
    }

    private static Scenario scenario(CapacityModel model, List<Scenario.Outage> outages, double stormAt) {
        return new Scenario(model, NODES, outages, stormAt, 2048, 1);
    }

    private static Tally play(Scenario scenario) {
        return Day.play(scenario, done -> {});
    }

    @ParameterizedTest(name = "{0}, routed by {1}, skew {2}, {3} entries, {4} s")
    @CsvSource({
        "TIME_BASED, HASH, 0, 20000, 3600",
        "TIME_BASED, HASH, 0.5, 20000, 86400",
        "NON_TIME_BASED, HASH, 0.5, 20000, 7200",
        "NON_TIME_BASED, HASH, 0.6, 1000000, 7200",
        "NON_TIME_BASED, HASH, 0.5, 2000, 7200",
        "NON_TIME_BASED, HASH, 0.3, 8000, 7200",
        "NON_TIME_BASED, HASH, 0, 12000, 7200",
        "GENERAL, HASH, 0.3, 5000, 3600",
        "GENERAL, HASH, 0.5, 60000, 15000",
        "NON_TIME_BASED, RANDOM, 0.5, 20000, 20000"
    })
    void theFormulaeAgreeWithAnUndisturbedDay(
            SqnScheme scheme, Routing routing, double skew, long entries, double limit) {
        Scenario scenario = scenario(model(scheme, routing, skew, entries, limit), List.of(), -1);
        assertThat(Comparison.of(scenario, play(scenario)))
                .hasSizeGreaterThanOrEqualTo(5)
                .allSatisfy(one -> assertThat(one.agrees()).as(one.toString()).isTrue());
    }

    @Test
    void formulaeOfAnotherNetworkDoNotAgree() {
        Scenario played = scenario(model(SqnScheme.NON_TIME_BASED, Routing.HASH, 0.5, 100_000, 7200), List.of(), -1);
        Scenario other = scenario(model(SqnScheme.NON_TIME_BASED, Routing.HASH, 0.5, 100, 7200), List.of(), -1);
        assertThat(Comparison.of(other, play(played)))
                .filteredOn(one -> !one.agrees())
                .extracting(Comparison::name)
                .contains("keys in use already", "utilisation", "rows written for sequence numbers");
    }

    @Test
    void aStormIsAsBusyAsTheFormulaSays() {
        CapacityModel calm = model(SqnScheme.TIME_BASED, Routing.HASH, 0.5, 20_000, 3600);
        Traffic traffic = calm.traffic().withStormMinutes(600);
        CapacityModel model = new CapacityModel(traffic, calm.costs(), calm.deployment());
        Scenario scenario = scenario(model, List.of(), 0);
        assertThat(Comparison.of(scenario, play(scenario)))
                .filteredOn(one -> one.name().equals("utilisation in the storm"))
                .singleElement()
                .satisfies(one -> assertThat(one.agrees()).as(one.toString()).isTrue());
    }

    @Test
    void whatCannotWaitIsRefusedAndNothingIsLost() {
        Scenario scenario = scenario(model(SqnScheme.TIME_BASED, Routing.HASH, 0.5, 20_000, 3600), List.of(), FIFTEEN);
        Tally tally = play(scenario);
        TallySummary summary = TallySummary.of(scenario, tally);
        assertThat(summary.refused()).isPositive();
        assertThat(summary.refused()
                        + summary.rowsRead()
                        + Arrays.stream(tally.hits).sum())
                .isEqualTo(summary.requests());
        assertThat(tally.waits.getTotalCount()).isEqualTo(summary.requests() - summary.refused());
        assertThat(tally.refused[14]).isZero();
    }

    @Test
    void aLostNodeLosesNoRequestsAndComesBackCold() {
        CapacityModel model = model(SqnScheme.NON_TIME_BASED, Routing.HASH, 0.5, 50_000, 86_400);
        Tally calm = play(scenario(model, List.of(), -1));
        Tally lost = play(scenario(model, List.of(new Scenario.Outage(1, NINE, 1800)), -1));
        assertThat((double) lost.requests[9]).isBetween(0.97 * calm.requests[9], 1.03 * calm.requests[9]);
        assertThat(share(lost, 9)).isLessThan(share(calm, 9) - 0.02);
        assertThat(lost.sqnWrites[9]).isGreaterThan(calm.sqnWrites[9]);
        assertThat(share(lost, 8)).isEqualTo(share(calm, 8));
    }

    private static double share(Tally tally, int hour) {
        return (double) tally.hits[hour] / tally.requests[hour];
    }

    @Test
    void theSameSeedPlaysTheSameDay() {
        Scenario scenario = scenario(
                model(SqnScheme.GENERAL, Routing.HASH, 0.5, 20_000, 3600),
                List.of(new Scenario.Outage(0, NINE, 600)),
                FIFTEEN);
        Tally one = play(scenario);
        Tally other = play(scenario);
        assertThat(one.requests).isEqualTo(other.requests);
        assertThat(one.hits).isEqualTo(other.hits);
        assertThat(one.refused).isEqualTo(other.refused);
        assertThat(one.sqnWrites).isEqualTo(other.sqnWrites);
    }
}
