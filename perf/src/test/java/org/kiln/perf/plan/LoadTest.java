package org.kiln.perf.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Requests in a second, against figures worked out by hand. */
class LoadTest {

    private static final double EXACT = 1e-9;

    private final Traffic traffic = Examples.traffic();
    private final Load load = Load.of(traffic, 1_000_000);

    @Test
    void requestsOfOnePersonComeFromShareProceduresAndVectors() {
        // CS: 0.5 of people · 8 · 0.5 authenticated / 2 vectors; IMS: 0.5 · 1 / 1.
        assertThat(traffic.primariesPerDay()).isEqualTo(1, within(EXACT));
        assertThat(traffic.followersPerPrimary()).isEqualTo(0.5, within(EXACT));
        assertThat(traffic.requestsPerDay()).isEqualTo(1.5, within(EXACT));
        assertThat(traffic.vectorsPerRequest()).isEqualTo(2.5 / 1.5, within(EXACT));
        assertThat(traffic.confirmationsPerRequest()).isEqualTo(2 / 1.5, within(EXACT));
    }

    @Test
    void theBusiestHourHasItsFactorAndTheDayAllRequests() {
        assertThat(traffic.busiestHour()).isEqualTo(23);
        double[] shares = traffic.day().shares();
        assertThat(shares[23]).isEqualTo(0.1, within(EXACT));
        assertThat(shares[0]).isEqualTo(0.9 / 23, within(EXACT));
        assertThat(Arrays.stream(shares).sum()).isEqualTo(1, within(EXACT));
    }

    @Test
    void ratesOfBusyHourFleetAndStorm() {
        assertThat(load.ofPeople(23)).isEqualTo(900_000 * 1.5 * 0.1 / 3600, within(1e-6)); // 37.5
        assertThat(load.ofFleetAwake()).isEqualTo(360, within(EXACT)); // 100,000 · 0.36 / 100
        assertThat(load.ofFleetOverTheHour()).isEqualTo(10, within(EXACT));
        assertThat(load.peak()).isEqualTo(397.5, within(1e-6));
        assertThat(load.storm()).isEqualTo(1000, within(EXACT)); // 1,000,000 · 0.6 · 2 / 1200
        assertThat(load.perDay()).isEqualTo(900_000 * 1.5 + 100_000 * 0.36 * 24, within(1e-3));
    }

    @Test
    void resynchronisationsAreRequestsMore() {
        Traffic more = new Traffic(traffic.domains(), 2, traffic.day(), 0, traffic.fleet(), traffic.storm(), 0.25);
        assertThat(Load.of(more, 1_000_000).ofPeople(23)).isEqualTo(37.5 * 1.25, within(1e-6));
    }
}
