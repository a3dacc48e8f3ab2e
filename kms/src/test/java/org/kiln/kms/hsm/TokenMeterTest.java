package org.kiln.kms.hsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.token.ScratchToken;

class TokenMeterTest {

    private static final Mechanism ECB = new Mechanism(Ckm.AES_ECB, Mechanism.None.NONE);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private double calls(String mechanism, String outcome) {
        return meters.get("kiln_token_calls")
                .tag("mechanism", mechanism)
                .tag("outcome", outcome)
                .functionCounter()
                .count();
    }

    @Test
    void everyCallOfALaneIsCountedByMechanismAndOutcome() {
        ScratchToken scratch = ScratchToken.create();
        TokenAccess access =
                new TokenAccess(scratch.module(), ScratchToken.profile(), scratch.label(), ScratchToken::userPin);
        try (TokenCluster cluster = TokenCluster.open(
                        List.of(access), new LaneSettings(2, 16, Duration.ofMinutes(1)), session -> {});
                Arena arena = Arena.ofShared()) {
            TokenMeter.show(cluster, meters);
            MemorySegment block = arena.allocate(16);
            for (int i = 0; i < 3; i++) {
                cluster.call(session -> {
                    session.generateRandom(block);
                    return session.login();
                });
            }
            assertThat(calls("random", "ok")).isEqualTo(3);
            assertThatThrownBy(() -> cluster.call(session -> session.encrypt(ECB, 0, block, 16, block)))
                    .isInstanceOf(Pkcs11Exception.class);
            assertThat(calls("CKM_AES_ECB", "ok")).isZero();
            assertThat(calls("CKM_AES_ECB", "refused") + calls("CKM_AES_ECB", "failed"))
                    .isPositive();
            assertThat(meters.get("kiln_lanes").gauge().value()).isEqualTo(2);
        }
    }

    @Test
    void aVendorsMechanismAndAnUnknownOneHaveSeriesOfTheirOwn() {
        assertThat(TokenCall.of(new Mechanism(0x80000001L, Mechanism.None.NONE)))
                .isEqualTo(TokenCall.VENDOR);
        assertThat(TokenCall.of(new Mechanism(0x1089L, Mechanism.None.NONE))).isEqualTo(TokenCall.OTHER);
        assertThat(TokenCall.of(new Mechanism(Ckm.AES_KEY_WRAP_KWP, Mechanism.None.NONE)))
                .isEqualTo(TokenCall.AES_KEY_WRAP_KWP);
    }
}
