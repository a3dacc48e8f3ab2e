package org.kiln.perf.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The cache of a node whose subscribers are all alike, where everything can be worked out by hand. */
class CacheModelTest {

    private static final double EXACT = 1e-5;
    private static final double NEVER = Double.POSITIVE_INFINITY;

    /** 1,000 people who ask every 100 s each. */
    private static CacheModel people(double followers, double entries, double limit) {
        return new CacheModel(1000, 10, followers, 0, 0, NEVER, entries, limit);
    }

    @Test
    void halfTheRoomHitsHalfTheTime() {
        CacheModel half = people(0, 500, NEVER);
        assertThat(half.characteristicTime()).isEqualTo(100 * Math.log(2), within(1e-3));
        assertThat(half.hitRate()).isEqualTo(0.5, within(EXACT));
    }

    @Test
    void whoFollowsHits() {
        assertThat(people(1, 500, NEVER).hitRate()).isEqualTo(0.75, within(EXACT));
    }

    @Test
    void whereAllHaveRoomTheTimeLimitDecides() {
        assertThat(people(0, 1000, 100).characteristicTime()).isInfinite();
        assertThat(people(0, 1000, 100).hitRate()).isEqualTo(0.5, within(EXACT)); // λT/(1+λT), λT = 1
        assertThat(people(0, 1000, 900).hitRate()).isEqualTo(0.9, within(EXACT));
    }

    @Test
    void aLimitShorterThanTheStayDecides() {
        assertThat(people(0, 500, 50).hitRate()).isEqualTo(1.0 / 3, within(EXACT)); // λT = 0.5
    }

    @Test
    void anEndlessLimitIsNone() {
        assertThat(people(0, 500, 1e9).hitRate())
                .isEqualTo(people(0, 500, NEVER).hitRate(), within(EXACT));
        assertThat(people(0, 999.999, 1e9).hitRate()).isBetween(0.99, 1.0);
    }

    @Test
    void aDeviceThatComesEvenlyHitsUntilItsTimeIsOver() {
        assertThat(new CacheModel(0, 0, 0, 0, 100, 100, 200, 250).hitRate()).isEqualTo(2.0 / 3, within(EXACT));
        assertThat(new CacheModel(0, 0, 0, 0, 100, 100, 200, 99).hitRate()).isZero();
        // Room for half of them: each is pushed out before its turn comes again.
        assertThat(new CacheModel(0, 0, 0, 0, 100, 100, 50, 250).hitRate()).isZero();
    }

    @Test
    void theBusiestAreInUseMostOften() {
        double alike = new CacheModel(1000, 10, 0, 0, 0, NEVER, 100, NEVER).hitRate();
        double unequal = new CacheModel(1000, 10, 0, 0.5, 0, NEVER, 100, NEVER).hitRate();
        assertThat(alike).isEqualTo(0.1, within(EXACT));
        assertThat(unequal).isGreaterThan(0.2);
    }
}
