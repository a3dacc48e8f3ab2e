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
        // With a = λT/2: 1/10 = ∫2u(1 - e^(-a/u))du, of which a is 0.0560, and h = ∫(1 - e^(-a/u))du over 0 to 1.
        assertThat(unequal).isEqualTo(0.187, within(0.001));
    }

    @Test
    void aBlockIsBegunAtFirstAndWheneverOneIsUsedUp() {
        CacheModel half = people(0, 500, NEVER);
        assertThat(half.blockRate(10, 0, NEVER)).isEqualTo(0.5, within(EXACT));
        // Of stays that go on with the probability 1/2, a block of two requests: (1 - 1/2)/(1 - 1/4).
        assertThat(half.blockRate(10, 0, 2)).isEqualTo(2.0 / 3, within(EXACT));
        // Half of the requests follow, so that a block of four serves two that do not.
        assertThat(people(1, 500, NEVER).blockRate(20, 0, 4)).isEqualTo(1.0 / 3, within(EXACT));
        assertThat(people(0, 1000, NEVER).blockRate(10, 0, 128)).isEqualTo(1.0 / 128, within(EXACT));
        assertThat(people(0, 1000, 100).blockRate(10, 0, NEVER)).isEqualTo(0.5, within(EXACT));
    }

    @Test
    void aDeviceBeginsABlockWhenItsTimeIsOverOrTheBlockIs() {
        assertThat(new CacheModel(0, 0, 0, 0, 100, 100, 200, 250).blockRate(0, 1, NEVER))
                .isEqualTo(1.0 / 3, within(EXACT));
        assertThat(new CacheModel(0, 0, 0, 0, 100, 100, 200, NEVER).blockRate(0, 1, 128))
                .isEqualTo(1.0 / 128, within(EXACT));
        assertThat(new CacheModel(0, 0, 0, 0, 100, 100, 50, NEVER).blockRate(0, 1, 128))
                .isEqualTo(1, within(EXACT));
    }
}
