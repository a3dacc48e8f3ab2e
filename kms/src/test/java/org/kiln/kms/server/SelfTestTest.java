package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Session;
import org.kiln.token.ScratchToken;
import org.kiln.token.TokenException;
import org.kiln.token.TokenProfile;

class SelfTestTest {

    private static TokenProfile profile(long keyWrap, long keyWrapPadded) {
        return new TokenProfile("changed", List.of(), keyWrap, keyWrapPadded, "sha1", false, List.of());
    }

    @Test
    void softHsmGivesEveryKnownAnswer() {
        try (Session session = ScratchToken.create().openAs(Ck.CKU_USER)) {
            assertThatNoException().isThrownBy(() -> SelfTest.run(session, ScratchToken.profile()));
        }
    }

    @Test
    void aTokenThatAnswersOtherwiseDoesNotServe() {
        try (Session session = ScratchToken.create().openAs(Ck.CKU_USER)) {
            assertThatThrownBy(() -> SelfTest.run(session, profile(Ckm.AES_KEY_WRAP_PAD, Ckm.AES_KEY_WRAP_PAD)))
                    .isInstanceOf(TokenException.class)
                    .hasMessageContaining("AES key wrap (RFC 3394 4.1) gives another answer");
            assertThatThrownBy(() -> SelfTest.run(session, profile(Ckm.AES_KEY_WRAP, Ckm.AES_KEY_WRAP_KWP)))
                    .isInstanceOf(TokenException.class)
                    .hasMessageContaining("RFC 5649")
                    .hasMessageContaining("CKR_MECHANISM_INVALID")
                    .hasMessageContaining("kiln hsm probe");
        }
    }
}
