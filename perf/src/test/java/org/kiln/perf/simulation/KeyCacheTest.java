package org.kiln.perf.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.kiln.kms.sqn.CounterSequence;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.sqn.SqnSequence;

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
        SqnMarks marks = new SqnMarks(SqnScheme.NON_TIME_BASED, 1);
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
            assertThat(marks.reserve(0, justRead, vectors, 0))
                    .as("seed %d, step %d", seed, i)
                    .isEqualTo(written);
            justRead = random.nextInt(100) == 0;
            if (justRead) {
                sequence = new CounterSequence(onDisk);
            }
        }
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
