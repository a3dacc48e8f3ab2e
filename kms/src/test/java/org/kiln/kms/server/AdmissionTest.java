package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;
import org.kiln.token.ScratchToken;
import org.kiln.token.TokenException;

class AdmissionTest {

    @Test
    void tokensWithOneSetOfKeysServeTogetherAndNoOther() {
        Admission admission = new Admission(ScratchToken.profile(), () -> Set.of(1));
        try (ScratchKeys first = ScratchKeys.create();
                Session session = first.openAs(Ck.CKU_USER);
                ScratchKeys other = ScratchKeys.create();
                Session otherSession = other.openAs(Ck.CKU_USER)) {
            admission.accept(session);
            admission.accept(session);
            assertThatThrownBy(() -> admission.accept(otherSession))
                    .isInstanceOf(TokenException.class)
                    .hasMessageContaining("holds another key");
        }
    }

    @Test
    void aTokenWithoutTheKeysDoesNotServeWithOneThatHasThem() {
        Admission admission = new Admission(ScratchToken.profile(), () -> Set.of(1));
        ScratchToken empty = ScratchToken.create();
        try (ScratchKeys first = ScratchKeys.create();
                Session session = first.openAs(Ck.CKU_USER);
                Session emptySession = empty.openAs(Ck.CKU_USER)) {
            admission.accept(session);
            assertThatThrownBy(() -> admission.accept(emptySession))
                    .isInstanceOf(TokenException.class)
                    .hasMessageContaining("holds no key");
        }
    }
}
