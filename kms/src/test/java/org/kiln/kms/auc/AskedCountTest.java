package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AskedCountTest {

    private final AskedCount asked = new AskedCount();
    private final SubscriberWatch watch = new SubscriberWatch(3, 60, supi -> {});

    private long tooMany(long clock, int times) {
        long found = 0;
        for (int i = 0; i < times; i++) {
            found += asked.isOneTooMany(clock, watch) ? 1 : 0;
        }
        return found;
    }

    @Test
    void theFirstThatIsTooManyIsToldOfOnceInEachWindow() {
        assertThat(tooMany(1_000, 3)).isZero();
        assertThat(tooMany(1_599, 5)).isEqualTo(1);
        assertThat(tooMany(1_600, 3)).isZero();
        assertThat(tooMany(2_199, 1)).isEqualTo(1);
        assertThat(tooMany(2_200, 3)).isZero();
    }
}
