package org.kiln.certify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.certify.Outcome.Verdict;
import org.kiln.pkcs11.Binding;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.token.CompiledModule;
import org.kiln.token.ScratchToken;
import org.kiln.token.TokenException;
import org.kiln.token.Tokens;

class CertificationTest {

    private static List<Outcome> certify(Cryptoki cryptoki, ScratchToken token, boolean officer) {
        try (Secret user = ScratchToken.userPin();
                Secret so = ScratchToken.soPin()) {
            return new Certification(
                            cryptoki,
                            Tokens.labelled(cryptoki, token.label()),
                            ScratchToken.profile(),
                            user,
                            officer ? so : null)
                    .run(_ -> {});
        }
    }

    /** The cases that a site runs, as tests on SoftHSM through each binding. */
    @TestFactory
    Stream<DynamicContainer> softHsmKeepsEveryPromise() {
        return Stream.of(Binding.values()).map(binding -> {
            ScratchToken token = ScratchToken.create(binding);
            List<Outcome> outcomes = certify(token.cryptoki(), token, true);
            return DynamicContainer.dynamicContainer(
                    binding.name(),
                    outcomes.stream()
                            .map(outcome -> DynamicTest.dynamicTest(outcome.name(), () -> {
                                if (outcome.name().equals("RSA-OAEP with SHA256 wraps and unwraps")) {
                                    assertThat(outcome.verdict()).isEqualTo(Verdict.SKIPPED);
                                } else {
                                    assertThat(outcome.verdict())
                                            .as(outcome.detail())
                                            .isEqualTo(Verdict.PASS);
                                }
                            })));
        });
    }

    @Test
    void nothingIsLeftOnTheTokenAndWhatWasThereStays() {
        ScratchToken token = ScratchToken.create();
        try (Session session = token.openAs(Ck.CKU_USER)) {
            session.generateKey(
                    Mechanism.of(Ckm.AES_KEY_GEN),
                    Template.builder()
                            .label("the site's own")
                            .with(Cka.TOKEN, true)
                            .with(Cka.VALUE_LEN, 16L)
                            .build());
        }
        certify(token.cryptoki(), token, true);
        try (Session session = token.openAs(Ck.CKU_USER)) {
            assertThat(session.findObjects(Template.builder().build())).hasSize(1);
        }
    }

    @Test
    void withoutTheOfficersPinHisCasesAreSkipped() {
        ScratchToken token = ScratchToken.create();
        assertThat(certify(token.cryptoki(), token, false))
                .filteredOn(outcome -> outcome.detail().contains("officer's PIN"))
                .hasSize(2)
                .allSatisfy(outcome -> assertThat(outcome.verdict()).isEqualTo(Verdict.SKIPPED));
    }

    @Test
    void aTokenWithKilnsStorageKeyIsLeftAlone() {
        ScratchToken token = ScratchToken.create();
        try (Session session = token.openAs(Ck.CKU_USER)) {
            session.generateKey(
                    Mechanism.of(Ckm.AES_KEY_GEN),
                    Template.builder()
                            .label("SK-1")
                            .with(Cka.TOKEN, true)
                            .with(Cka.VALUE_LEN, 32L)
                            .build());
        }
        assertThatThrownBy(() -> certify(token.cryptoki(), token, true))
                .isInstanceOf(TokenException.class)
                .hasMessageContaining("SK-1")
                .hasMessageContaining("scratch token");
    }

    @Test
    void aTokenThatFlipsABitFailsByName(@TempDir Path folder) throws Exception {
        ScratchToken token = ScratchToken.create();
        Cryptoki flipped = Binding.FFM.load(CompiledModule.compile(folder, "flipped", "FLIP=30"));
        List<String> failed = new ArrayList<>();
        for (Outcome outcome : certify(flipped, token, true)) {
            if (outcome.verdict() == Verdict.FAIL) {
                failed.add(outcome.name());
            }
        }
        assertThat(failed)
                .contains("AES-ECB gives FIPS 197's answer", "AES key unwrap takes RFC 3394's answer")
                .doesNotContain("AES-CMAC gives RFC 4493's answer", "an unwrap template is enforced");
    }

    @Test
    void refusalsComeWithTheirCodes() {
        ScratchToken token = ScratchToken.create();
        assertThat(certify(token.cryptoki(), token, true))
                .filteredOn(outcome -> outcome.name().startsWith("a WRAP_WITH_TRUSTED key"))
                .singleElement()
                .satisfies(outcome -> assertThat(outcome.refusals()).containsExactly("C_WrapKey 0x69"));
    }
}
