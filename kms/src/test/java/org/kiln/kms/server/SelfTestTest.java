package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.pkcs11.Binding;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.token.CompiledModule;
import org.kiln.token.ScratchToken;
import org.kiln.token.TokenException;
import org.kiln.token.TokenProfile;
import org.kiln.token.WrapMechanism;

class SelfTestTest {

    private static TokenProfile profile(long keyWrap, long keyWrapPadded) {
        TokenProfile good = ScratchToken.profile();
        return new TokenProfile(
                "changed",
                "no",
                List.of(),
                new TokenProfile.Wrapping(
                        new WrapMechanism(keyWrap, keyWrap),
                        new WrapMechanism(keyWrapPadded, keyWrapPadded),
                        null,
                        null,
                        null,
                        null),
                good.oaepHashes(),
                good.ecdh(),
                good.privateSessionObjects(),
                good.trust(),
                null,
                null,
                List.of());
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

    @ParameterizedTest
    @CsvSource({"30, AES-ECB (FIPS 197 C.1)", "24, ECDH on P-256 (RFC 5903 8.1)"})
    void aTokenThatFlipsABitDoesNotServe(int function, String name, @TempDir Path folder) throws Exception {
        Path module = CompiledModule.compile(folder, "flipped", "FLIP=" + function);
        ScratchToken token = ScratchToken.create();
        try (Session session = Binding.FFM.load(module).openSession(token.slot(), true);
                Secret pin = ScratchToken.userPin()) {
            session.login(Ck.CKU_USER, pin);
            assertThatThrownBy(() -> SelfTest.run(session, ScratchToken.profile()))
                    .isInstanceOf(TokenException.class)
                    .hasMessageContaining(name + " gives another answer than the standard");
        }
    }

    @Test
    void aNodeWhoseTokenFlipsABitDoesNotOpen(@TempDir Path folder) throws Exception {
        Path module = CompiledModule.compile(folder, "flipped", "FLIP=30");
        try (ScratchKeys keys = ScratchKeys.create()) {
            DataFolder data =
                    ScratchFolder.create(folder.resolve("node"), keys.token().label());
            AucNode.open(data, KilnConfiguration.read(data.configuration())).close();
            KilnConfiguration flipped = ScratchFolder.change(data, "module: auto", "module: " + module);
            assertThatThrownBy(() -> AucNode.open(data, flipped))
                    .isInstanceOf(TokenException.class)
                    .hasMessageContaining("fails its self-test: AES-ECB (FIPS 197 C.1)");
        }
    }
}
