package org.kiln.kms.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The rate and the number of open calls, by a clock of the test's. */
class ThrottleTest {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5_000);

    @Test
    void noWindowHoldsMoreThanBurstAndRateAllow() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int run = 0; run < 200; run++) {
            CallerLimit limit = new CallerLimit(1 + random.nextInt(5_000), 1 + random.nextInt(50), 1_000_000);
            Throttle throttle = new Throttle(limit, now::get);
            long start = now.get();
            List<Long> taken = new ArrayList<>();
            for (int call = 0; call < 500; call++) {
                now.addAndGet(random.nextInt(4) == 0 ? random.nextLong(1_000_000_000L / limit.perSecond() * 3) : 0);
                if (throttle.begin() == null) {
                    taken.add(now.get() - start);
                }
            }
            long interval = TimeUnit.SECONDS.toNanos(1) / limit.perSecond();
            for (int first = 0; first < taken.size(); first++) {
                for (int last = first; last < taken.size(); last++) {
                    assertThat((long) last - first + 1)
                            .as("seed %d, %s", seed, limit)
                            .isLessThanOrEqualTo(limit.burst() + (taken.get(last) - taken.get(first)) / interval);
                }
            }
        }
    }

    @Test
    void whatIsAllowedIsGiven() {
        Throttle throttle = new Throttle(new CallerLimit(10, 3, 100), now::get);
        for (int each = 0; each < 3; each++) {
            assertThat(throttle.begin()).isNull();
        }
        assertThat(throttle.begin()).isEqualTo(Refusal.RATE);
        for (int each = 0; each < 50; each++) {
            now.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
            assertThat(throttle.begin()).isNull();
            assertThat(throttle.begin()).isEqualTo(Refusal.RATE);
        }
        now.addAndGet(TimeUnit.HOURS.toNanos(1));
        for (int each = 0; each < 3; each++) {
            assertThat(throttle.begin()).isNull();
        }
        assertThat(throttle.begin()).isEqualTo(Refusal.RATE);
    }

    @Test
    void openCallsAreCounted() {
        Throttle throttle = new Throttle(new CallerLimit(1_000, 1_000, 2), now::get);
        assertThat(throttle.begin()).isNull();
        assertThat(throttle.begin()).isNull();
        assertThat(throttle.begin()).isEqualTo(Refusal.CONCURRENCY);
        throttle.end();
        assertThat(throttle.begin()).isNull();
        assertThat(throttle.begin()).isEqualTo(Refusal.CONCURRENCY);
    }
}
