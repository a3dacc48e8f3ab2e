package org.kiln.perf.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.sqn.CounterSequence;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.sqn.SqnSequence;
import org.kiln.perf.plan.CacheModel;

/** What a node keeps in memory while a day is played. */
class KeyCacheTest {

    @Test
    void whoWasAskedForStaysAndWhoWasNotMakesRoom() {
        KeyCache cache = new KeyCache(10, 2, 100);
        cache.admit(0, 0);
        cache.admit(1, 0);
        cache.admit(2, 1); // The hand goes round once: all were asked for; 0 goes.
        assertThat(cache.find(0, 1)).isNegative();
        assertThat(cache.find(2, 1)).isNotNegative();
        cache.admit(3, 2); // 1 was not asked for since.
        assertThat(cache.find(1, 2)).isNegative();
        assertThat(cache.find(2, 2)).isNotNegative();
    }

    @Test
    void aKeyIsNotUsedPastItsTimeHoweverOftenItWasAskedFor() {
        KeyCache cache = new KeyCache(10, 2, 100);
        cache.admit(0, 0);
        assertThat(cache.find(0, 99)).isNotNegative();
        assertThat(cache.find(0, 101)).isNegative();
        cache.admit(0, 101);
        assertThat(cache.find(0, 150)).isNotNegative();
    }

    @Test
    void aNodeThatComesBackKnowsNobody() {
        KeyCache cache = new KeyCache(10, 2, 100);
        cache.admit(0, 0);
        cache.clear();
        assertThat(cache.find(0, 1)).isNegative();
    }

    /** As many writes as Kiln's own counter makes, however it is forgotten and read again. */
    @Test
    void countersAreWrittenAsOftenAsKilnWritesThem() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        SqnMarks marks = new SqnMarks(SqnScheme.NON_TIME_BASED, 1, 1, 0, seed);
        long onDisk = 0;
        SqnSequence sequence = new CounterSequence(onDisk);
        boolean justRead = true;
        for (int i = 0; i < 100_000; i++) {
            int vectors = 1 + random.nextInt(5);
            boolean written = false;
            if (sequence.reserve(vectors, 0, 0) == SqnSequence.BOUND_REACHED) {
                long before = onDisk;
                onDisk = sequence.raised(onDisk, vectors, 0);
                sequence.raise(before, onDisk);
                written = true;
                assertThat(sequence.reserve(vectors, 0, 0)).isNotEqualTo(SqnSequence.BOUND_REACHED);
            }
            if (justRead) {
                marks.clear();
            }
            assertThat(marks.reserve(0, vectors, 0))
                    .as("seed %d, step %d", seed, i)
                    .isEqualTo(written);
            justRead = random.nextInt(100) == 0;
            if (justRead) {
                sequence = new CounterSequence(onDisk);
            }
        }
    }

    /** Kiln's counters, of whom few are in use; what was left of some more is kept, who left last longest. */
    private static final class Counters {

        private final long[] onDisk = new long[3000];
        private final Map<Integer, CounterSequence> inUse;
        private final Map<Integer, SqnSequence.Left> left;

        Counters(int entries) {
            left = new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Integer, SqnSequence.Left> eldest) {
                    return size() > SqnSequence.Left.room(entries);
                }
            };
            inUse = new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Integer, CounterSequence> eldest) {
                    if (size() <= entries) {
                        return false;
                    }
                    left.remove(eldest.getKey());
                    eldest.getValue().left().ifPresent(rest -> left.put(eldest.getKey(), rest));
                    return true;
                }
            };
        }

        boolean reserve(int subscriber, int vectors) {
            CounterSequence sequence = inUse.get(subscriber);
            if (sequence == null) {
                sequence = new CounterSequence(onDisk[subscriber]);
                Optional.ofNullable(left.remove(subscriber)).ifPresent(sequence::resume);
                inUse.put(subscriber, sequence);
            }
            if (sequence.reserve(vectors, 0, 0) != SqnSequence.BOUND_REACHED) {
                return false;
            }
            long before = onDisk[subscriber];
            onDisk[subscriber] = sequence.raised(before, vectors, 0);
            sequence.raise(before, onDisk[subscriber]);
            return sequence.reserve(vectors, 0, 0) != SqnSequence.BOUND_REACHED;
        }
    }

    /** 100 in use and 1,000 kept, of 3,000 that ask at one rate, and of as many of whom some ask far more often. */
    @ParameterizedTest
    @ValueSource(doubles = {1, 2, 4})
    void aNodeWritesAsOftenAsKilnsCountersDo(double unequal) {
        Counters counters = new Counters(100);
        SqnMarks marks = new SqnMarks(SqnScheme.NON_TIME_BASED, 3000, 100, 0, 1);
        Random random = new Random(1);
        int written = 0;
        int played = 0;
        for (int i = 0; i < 600_000; i++) {
            int subscriber = (int) (3000 * Math.pow(random.nextDouble(), unequal));
            int vectors = 1 + random.nextInt(5);
            written += counters.reserve(subscriber, vectors) ? 1 : 0;
            played += marks.reserve(subscriber, vectors, 0) ? 1 : 0;
        }
        assertThat(written).isGreaterThan(50_000);
        assertThat((double) played).isCloseTo(written, withinPercentage(3));
    }

    /** Where few stay away for long enough to be forgotten, blocks that are used up count nearly as much as those lost. */
    @Test
    void aStayWritesAsOftenAsTheFormulaSays() {
        double formula = new CacheModel(1000, 10, 0, 0, 0, Double.POSITIVE_INFINITY, 990, Double.POSITIVE_INFINITY)
                .blockRate(10, 0, 128);
        Random random = new Random(1);
        CounterSequence sequence = new CounterSequence(0);
        long onDisk = 0;
        int requests = 4_000_000;
        int written = 0;
        for (int i = 0; i < requests; i++) {
            if (random.nextInt(100) == 0) {
                sequence = new CounterSequence(onDisk);
            }
            if (sequence.reserve(2, 0, 0) == SqnSequence.BOUND_REACHED) {
                long before = onDisk;
                onDisk = sequence.raised(before, 2, 0);
                sequence.raise(before, onDisk);
                assertThat(sequence.reserve(2, 0, 0)).isPositive();
                written++;
            }
        }
        assertThat((double) written / requests).isCloseTo(formula, withinPercentage(2));
    }

    @Test
    void nobodyIsTurnedAwayWhileThereIsRoomToWait() {
        Servers servers = new Servers(1, 2);
        assertThat(servers.serve(0, 10)).isZero();
        assertThat(servers.full(1)).isFalse();
        assertThat(servers.serve(1, 10)).isEqualTo(9);
        assertThat(servers.full(2)).isFalse();
        assertThat(servers.serve(2, 10)).isEqualTo(18);
        assertThat(servers.full(3)).isTrue();
        assertThat(servers.full(10)).isFalse();
    }
}
