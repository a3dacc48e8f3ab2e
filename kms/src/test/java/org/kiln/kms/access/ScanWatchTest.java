package org.kiln.kms.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.kiln.transfer.numbering.Supi;

/** Unknown subscribers by a clock of the test's. */
class ScanWatchTest {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5_000);

    private ScanWatch watch(int unknown, int lockOutSeconds) {
        return new ScanWatch(
                new ScanLimit(unknown, Duration.ofSeconds(60), Duration.ofSeconds(lockOutSeconds)), now::get);
    }

    private static Supi supi(long number) {
        return new Supi("imsi-%015d".formatted(1_010_000_000_000L + number));
    }

    private void pass(int seconds) {
        now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    /** How many of so many different ones it took until the alarm; -1 if there was none. */
    private static int scan(ScanWatch watch, int from, int many) {
        for (int i = 0; i < many; i++) {
            if (watch.note(supi(from + i))) {
                return i + 1;
            }
        }
        return -1;
    }

    @Test
    void differentOnesLockOutAtTheLimitOrSoonAfter() {
        for (int limit : new int[] {1, 3, 1_000, 50_000}) {
            ScanWatch watch = watch(limit, 300);
            assertThat(scan(watch, 0, 2 * limit + 20)).isBetween(limit, limit + limit / 8 + 10);
            assertThat(watch.lockedFor()).isEqualTo(TimeUnit.SECONDS.toNanos(300));
        }
    }

    @Test
    void theSameOneAgainAndAgainIsOne() {
        ScanWatch watch = watch(3, 300);
        for (int i = 0; i < 10_000; i++) {
            assertThat(watch.note(supi(7))).isFalse();
        }
    }

    @Test
    void aWindowThatHasPassedIsForgotten() {
        ScanWatch watch = watch(1_000, 300);
        for (int round = 0; round < 10; round++) {
            assertThat(scan(watch, 900 * round, 900)).isEqualTo(-1);
            pass(60);
        }
    }

    @Test
    void aLockOutEndsByItselfAndTheCountBeginsAnew() {
        ScanWatch watch = watch(10, 300);
        assertThat(scan(watch, 0, 100)).isPositive();
        pass(299);
        assertThat(watch.lockedFor()).isEqualTo(TimeUnit.SECONDS.toNanos(1));
        assertThat(scan(watch, 100, 100)).as("those that were on their way").isEqualTo(-1);
        pass(1);
        assertThat(watch.lockedFor()).isZero();
        assertThat(scan(watch, 0, 9)).isEqualTo(-1);
        assertThat(scan(watch, 9, 100)).isPositive();
    }

    @Test
    void aLockOutCanBeLifted() {
        ScanWatch watch = watch(10, 300);
        assertThat(watch.lift()).isFalse();
        assertThat(scan(watch, 0, 100)).isPositive();
        assertThat(watch.lift()).isTrue();
        assertThat(watch.lockedFor()).isZero();
        assertThat(scan(watch, 0, 9)).isEqualTo(-1);
        assertThat(scan(watch, 9, 100)).isPositive();
        assertThat(watch.lockedFor()).isPositive();
    }

    @Test
    void withoutLockOutItIsToldOfOnceInAWindow() {
        ScanWatch watch = watch(10, 0);
        assertThat(scan(watch, 0, 100)).isPositive();
        assertThat(scan(watch, 100, 1_000)).isEqualTo(-1);
        assertThat(watch.lockedFor()).isZero();
        pass(60);
        assertThat(scan(watch, 0, 100)).isPositive();
    }
}
