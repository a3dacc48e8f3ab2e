package org.kiln.perf.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Waiting, against textbook figures. */
class WaitingModelTest {

    private static final double EXACT = 1e-12;

    @Test
    void oneServerHalfBusyWithExponentialService() {
        WaitingModel queue = new WaitingModel(1, 500, 0.001, 1);
        assertThat(queue.utilisation()).isEqualTo(0.5, within(EXACT));
        assertThat(queue.probabilityOfWaiting()).isEqualTo(0.5, within(EXACT));
        assertThat(queue.meanWait()).isEqualTo(0.001, within(EXACT));
        assertThat(queue.quantile(0.99)).isEqualTo(Math.log(50) / 500, within(EXACT));
        assertThat(queue.quantile(0.4)).isZero();
    }

    @Test
    void evenServiceHalvesTheWait() {
        assertThat(new WaitingModel(1, 500, 0.001, 0).meanWait()).isEqualTo(0.0005, within(EXACT));
    }

    @Test
    void twoServersOfferedOneErlang() {
        assertThat(new WaitingModel(2, 1000, 0.001, 1).probabilityOfWaiting()).isEqualTo(1.0 / 3, within(EXACT));
    }

    @Test
    void anOverloadedNodeNeverEndsWaiting() {
        WaitingModel queue = new WaitingModel(2, 2000, 0.001, 1);
        assertThat(queue.probabilityOfWaiting()).isEqualTo(1);
        assertThat(queue.meanWait()).isInfinite();
    }
}
