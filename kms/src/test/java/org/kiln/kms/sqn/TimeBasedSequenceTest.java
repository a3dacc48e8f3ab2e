package org.kiln.kms.sqn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TimeBasedSequenceTest {

    @Test
    void startsAfterTheSeqItWasGivenAndFollowsTheClock() {
        long dif = SqnScheme.TIME_BASED.durableAfter(41, 1000);
        TimeBasedSequence sequence = new TimeBasedSequence(dif);
        assertThat(sequence.reserve(3, 1000, 2000)).isEqualTo(42);
        assertThat(sequence.reserve(1, 1000, 2000)).isEqualTo(45);
        assertThat(sequence.reserve(1, 1100, 2000)).isEqualTo(142);
    }

    @Test
    void goesNoFurtherThanItsBoundUntilDifIsRaised() {
        TimeBasedSequence sequence = new TimeBasedSequence(0);
        assertThat(sequence.reserve(10, 1000, 1009)).isEqualTo(1000);
        assertThat(sequence.reserve(1, 1000, 1009)).isEqualTo(SqnSequence.BOUND_REACHED);
        sequence.raise(0, sequence.raised(0, 1, 1000));
        assertThat(sequence.reserve(1, 1000, 1009)).isGreaterThan(1009);
    }

    @Test
    void isResynchronisedOnlyWhenTheCardWouldRefuse() {
        TimeBasedSequence sequence = new TimeBasedSequence(0);
        assertThat(sequence.wouldBeRefused(999, 1000)).isFalse();
        assertThat(sequence.wouldBeRefused(1000, 1000)).isTrue();
        assertThat(sequence.wouldBeRefused(5000, 1000)).isTrue();
        long dif = SqnScheme.TIME_BASED.durableAfter(5000, 1000);
        sequence.resynchronise(5000, dif);
        assertThat(sequence.reserve(1, 1000, 2000)).isEqualTo(5001);
        TimeBasedSequence farAhead = new TimeBasedSequence(2 * Sqn.DELTA);
        assertThat(farAhead.wouldBeRefused(7, 1000)).isTrue();
    }

    @Test
    void seqAndIndMakeTheSqn() {
        Sqn format = Sqn.USUAL;
        assertThat(format.of(1, 1)).isEqualTo(1 << 5 | 1);
        assertThat(format.seq(format.of(987_654_321L, 31))).isEqualTo(987_654_321L);
        assertThat(format.ind(format.of(987_654_321L, 31))).isEqualTo(31);
        assertThat(format.greatestSeq()).isEqualTo((1L << 43) - 1);
        assertThatThrownBy(() -> format.of(1L << 43, 0)).isInstanceOf(SqnExhaustedException.class);
        assertThatThrownBy(() -> format.of(1, 32)).isInstanceOf(IllegalArgumentException.class);
    }

    /** A node that dies and starts again, its clock jumping both ways, never hands out a SEQ twice or a lower one. */
    @Test
    void neverRepeatsAcrossCrashesAndClockJumps() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        long durableDif = -900;
        long durableCeiling = 0;
        long machineClock = 1_000;
        long highest = Long.MIN_VALUE;
        Set<Long> seen = new HashSet<>();
        for (int life = 0; life < 300; life++) {
            long[] now = {machineClock};
            long[] disk = {durableCeiling};
            SeqClock clock = new SeqClock(() -> now[0], durableCeiling + 1);
            SqnCeiling ceiling = new SqnCeiling(clock, value -> disk[0] = value);
            TimeBasedSequence sequence = new TimeBasedSequence(durableDif);
            int steps = random.nextInt(200);
            for (int step = 0; step < steps; step++) {
                now[0] += random.nextInt(10) == 0 ? random.nextInt(4000) - 2000 : random.nextInt(20);
                if (random.nextInt(20) == 0) {
                    ceiling.renew();
                }
                int count = 1 + random.nextInt(32);
                long first = sequence.reserve(count, clock.now(), ceiling.value());
                if (first == SqnSequence.BOUND_REACHED) {
                    long before = durableDif;
                    durableDif = sequence.raised(before, count, clock.now());
                    sequence.raise(before, durableDif);
                    continue;
                }
                assertThat(first).as("seed %d, life %d", seed, life).isGreaterThan(highest);
                for (int i = 0; i < count; i++) {
                    assertThat(seen.add(first + i)).as("seed %d", seed).isTrue();
                }
                highest = first + count - 1;
                if (sequence.mayBeForgotten(clock.now())) {
                    sequence = new TimeBasedSequence(durableDif);
                }
            }
            durableCeiling = disk[0];
            machineClock = now[0] + random.nextInt(2000) - 1000;
        }
    }
}
