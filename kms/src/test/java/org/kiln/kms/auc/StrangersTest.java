package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What {@link Returns} is worth: requests by Zipf's law are played on places that a hand goes round, with its rule for strangers and
 * without. These are the figures of docs/scale.md.
 */
class StrangersTest {

    private static final int REQUESTS = 4_000_000;
    private static final int REQUESTS_A_SECOND = 30_000;
    private static final double TOLERANCE = 0.01;

    /** @param hits requests that found their keys, of all; {@code closedLater}: keys that the hand closed, likewise */
    private record Played(double hits, double closedLater) {}

    private static final class Play {

        private final SplittableRandom random = new SplittableRandom(1);
        private final Returns returns;
        private final boolean ruled;
        private final int people;
        private final double exponent;
        private final long[] wantedAt;
        private final boolean[] returning;
        private final boolean[] kept;
        private final boolean[] used;
        private final int[] places;
        private int taken;
        private int hand;
        private int hits;
        private int closedLater;

        Play(int people, int capacity, double exponent, boolean ruled) {
            this.people = people;
            this.exponent = exponent;
            this.ruled = ruled;
            returns = new Returns(capacity);
            wantedAt = new long[people];
            Arrays.fill(wantedAt, Returns.NEVER);
            returning = new boolean[people];
            kept = new boolean[people];
            used = new boolean[people];
            places = new int[capacity];
        }

        Played run() {
            for (int request = 0; request < REQUESTS; request++) {
                if (request == REQUESTS / 2) {
                    hits = 0;
                    closedLater = 0;
                }
                if (request % REQUESTS_A_SECOND == 0) {
                    returns.judge();
                }
                ask(rank());
            }
            return new Played(2.0 * hits / REQUESTS, 2.0 * closedLater / REQUESTS);
        }

        /** Drawn from the density x^-s. */
        private int rank() {
            double share = random.nextDouble();
            double rank = exponent == 1
                    ? Math.pow(people, share)
                    : Math.pow(1 + share * (Math.pow(people, 1 - exponent) - 1), 1 / (1 - exponent));
            return Math.min(people, (int) rank) - 1;
        }

        private void ask(int person) {
            boolean before = returning[person];
            returning[person] = returns.isSoon(wantedAt[person]);
            returns.count(returning[person], before);
            wantedAt[person] = returns.now();
            if (kept[person]) {
                hits++;
                used[person] = true;
                return;
            }
            returns.keyOpened();
            if (taken < places.length) {
                keep(person, taken++);
            } else if (!ruled || returning[person] || returns.keepingPays()) {
                keep(person, emptied());
            }
        }

        private void keep(int person, int place) {
            kept[person] = true;
            used[person] = true;
            places[place] = person;
        }

        private int emptied() {
            while (used[places[hand]]) {
                used[places[hand]] = false;
                hand = (hand + 1) % places.length;
            }
            int place = hand;
            hand = (hand + 1) % places.length;
            kept[places[place]] = false;
            closedLater++;
            return place;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10000000, 20000, 1, 0.506, 0.597, 0.494, 0.012",
        "1000000, 20000, 1, 0.618, 0.693, 0.382, 0.021",
        "1000000, 50000, 0.9, 0.535, 0.618, 0.465, 0.036",
        "100000, 20000, 0.8, 0.575, 0.636, 0.425, 0.077",
        "100000, 20000, 0, 0.200, 0.199, 0.800, 0.145",
        "40000, 20000, 0, 0.500, 0.500, 0.500, 0.500"
    })
    void theRuleHasAsManyFindTheirKeysOrMoreAndAsFewClosedLaterOrFewer(
            int people,
            int capacity,
            double exponent,
            double hits,
            double hitsByRule,
            double closedLater,
            double closedLaterByRule) {
        Played plain = new Play(people, capacity, exponent, false).run();
        Played ruled = new Play(people, capacity, exponent, true).run();
        assertThat(plain.hits).isCloseTo(hits, within(TOLERANCE));
        assertThat(plain.closedLater).isCloseTo(closedLater, within(TOLERANCE));
        assertThat(ruled.hits).isCloseTo(hitsByRule, within(TOLERANCE));
        assertThat(ruled.closedLater).isCloseTo(closedLaterByRule, within(TOLERANCE));
    }
}
