package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReturnsTest {

    private static final int CAPACITY = 10;
    private static final int STRANGERS = 900;

    private final Returns returns = new Returns(CAPACITY);

    private void second(int strangers, int returned) {
        for (int i = 0; i < strangers; i++) {
            returns.count(false, false);
            if (i < returned) {
                returns.count(true, false);
            }
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
    void keepingPaysIfOneStrangerInThreeReturnsSoon() {
        second(STRANGERS, STRANGERS / 3 - 1);
        assertThat(returns.keepingPays()).isFalse();
        second(STRANGERS, STRANGERS / 3);
        assertThat(returns.keepingPays()).isTrue();
    }

    /** However often, they speak for nobody but themselves. */
    @Test
    void whoIsAskedForAgainAndAgainDoesNotSpeakForStrangers() {
        for (int i = 0; i < 10 * STRANGERS; i++) {
            returns.count(true, true);
        }
        second(STRANGERS, 0);
        assertThat(returns.keepingPays()).isFalse();
    }

    @Test
    void aFewStrangersChangeNothingButCount() {
        assertThat(returns.keepingPays()).isTrue();
        second(200, 0);
        assertThat(returns.keepingPays()).isTrue();
        second(200, 0);
        assertThat(returns.keepingPays()).isFalse();
    }
}
