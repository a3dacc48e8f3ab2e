package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReturnsTest {

    private static final int CAPACITY = 10;
    private static final int REQUESTS = 800;

    private final Returns returns = new Returns(CAPACITY);

    private void second(int requests, int soon) {
        for (int i = 0; i < requests; i++) {
            returns.count(i < soon);
        }
        returns.judge();
    }

    @Test
    void aReturnIsSoonWhileHisKeysWouldStillBeOpen() {
        long then = returns.now();
        for (int i = 0; i < CAPACITY; i++) {
            returns.keyOpened();
        }
        assertThat(returns.isSoon(then)).isTrue();
        returns.keyOpened();
        assertThat(returns.isSoon(then)).isFalse();
        assertThat(returns.isSoon(Returns.NEVER)).isFalse();
    }

    @Test
    void keepingPaysIfOneRequestInEightIsASoonReturn() {
        second(REQUESTS, REQUESTS / 8 - 1);
        assertThat(returns.keepingPays()).isFalse();
        second(REQUESTS, REQUESTS / 8);
        assertThat(returns.keepingPays()).isTrue();
    }

    @Test
    void aFewRequestsChangeNothingButCount() {
        assertThat(returns.keepingPays()).isTrue();
        second(200, 0);
        assertThat(returns.keepingPays()).isTrue();
        second(200, 0);
        assertThat(returns.keepingPays()).isFalse();
    }
}
