package org.kiln.kms.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.kms.server.DataFolder;
import org.kiln.kms.server.ScratchFolder;
import org.kiln.pkcs11.Binding;
import org.kiln.token.CompiledModule;
import org.kiln.token.ScratchToken;
import org.kiln.token.TokenProfile;
import picocli.CommandLine;

/** {@code kiln hsm probe} and {@code kiln hsm certify} on scratch tokens. */
class HsmCommandTest {

    @TempDir
    private Path root;

    private final ScratchToken token = ScratchToken.create();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private DataFolder folder;

    @BeforeEach
    void configure() throws Exception {
        folder = ScratchFolder.create(root, token.label());
    }

    private int kiln(String... arguments) {
        return new CommandLine(new HsmCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler(new PlainErrors())
                .execute(arguments);
    }

    private int probe(String... more) {
        String[] all = new String[more.length + 3];
        System.arraycopy(new String[] {"probe", "--data", root.toString()}, 0, all, 0, 3);
        System.arraycopy(more, 0, all, 3, more.length);
        return kiln(all);
    }

    private int certify(String label, String... more) {
        String[] first = {
            "certify",
            "--data",
            root.toString(),
            "--token",
            label,
            "--user-pin-file",
            root.resolve("pins/user.pin").toString()
        };
        String[] all = new String[first.length + more.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(more, 0, all, first.length, more.length);
        return kiln(all);
    }

    private String soPinFile() {
        return root.resolve("pins/so.pin").toString();
    }

    @Test
    void aProbeSaysWhatKilnCanAndCannotDo() {
        assertThat(probe()).isZero();
        assertThat(out.toString())
                .contains("profile   SoftHSM2 (tested: SoftHSM 2.6.1")
                .containsPattern("3DES transport keys +NO ")
                .containsPattern("TUAK +LIMITED +guarded host only")
                .doesNotContain("tried:");
    }

    @Test
    void aProfileOfAnotherFamilyIsFoundOut() throws Exception {
        ScratchFolder.change(folder, "profile: softhsm2", "profile: luna7");
        ScratchFolder.change(
                folder, "module: auto", "module: " + ScratchToken.profile().findModule());
        assertThat(probe()).isOne();
        assertThat(out.toString())
                .contains("the profile relies on wrapping.aesKwp.wrap 0x80000171, which the token lacks")
                .contains("the token offers 0x210a wraps or unwraps keys, which the profile does not use");
    }

    @Test
    void whatWasTriedBecomesAProfileWithWhichKilnServes() throws Exception {
        Path file = root.resolve("my-hsm.yaml");
        assertThat(probe("--write", file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("--write needs --try");
        assertThat(probe("--try", "--write", file.toString())).isZero();
        assertThat(out.toString()).contains("AES key wrap with padding (RFC 5649), 0x210b, wrap");
        assertThat(TokenProfile.of("my-hsm.yaml", root).aesKeyWrapPadded())
                .isEqualTo(ScratchToken.profile().aesKeyWrapPadded());
        ScratchFolder.change(folder, "profile: softhsm2", "profile: ./my-hsm.yaml");
        assertThat(probe()).isZero();
        assertThat(out.toString()).contains("tested: kiln hsm probe --try on SoftHSM project SoftHSM v2");
    }

    @Test
    void aProbeIsJsonIfAsked() throws Exception {
        assertThat(probe("--json", "--try")).isZero();
        JsonNode report = new ObjectMapper().readTree(out.toString());
        assertThat(report.at("/usable").asBoolean()).isTrue();
        assertThat(report.at("/tried")).isNotEmpty();
        assertThat(report.at("/capabilities/0/verdict").asText()).isEqualTo("YES");
    }

    @ParameterizedTest
    @EnumSource(Binding.class)
    void aScratchTokenIsCertified(Binding binding) throws Exception {
        ScratchFolder.change(folder, "binding: ffm", "binding: " + binding);
        assertThat(certify(token.label(), "--so-pin-file", soPinFile()))
                .as(out + "\n" + err)
                .isZero();
        assertThat(out.toString())
                .contains("PASS    AES-ECB gives FIPS 197's answer")
                .contains("PASS    the ceremony works")
                .contains("[C_WrapKey 0x69]")
                .contains("SKIPPED RSA-OAEP with SHA256")
                .containsPattern("(?m)^\\d+ passed, 0 failed, 1 skipped$");
    }

    @Test
    void withoutTheOfficersPinHisCasesAreSkipped() throws Exception {
        assertThat(certify(token.label(), "--json")).isZero();
        JsonNode report = new ObjectMapper().readTree(out.toString());
        assertThat(report.at("/failed").asInt()).isZero();
        assertThat(report.at("/skipped").asInt()).isEqualTo(3);
        assertThat(report.at("/cases/0/verdict").asText()).isEqualTo("PASS");
    }

    @Test
    void aTokenThatAnswersWronglyFailsByName() throws Exception {
        Path module = CompiledModule.compile(root, "flipped", "FLIP=30");
        ScratchFolder.change(folder, "module: auto", "module: " + module);
        assertThat(certify(token.label())).isOne();
        assertThat(out.toString())
                .contains(
                        "FAIL    AES-ECB gives FIPS 197's answer: the cipher text is 69c4e0d86a7b0430d8cdb78070b4c55b");
    }

    @Test
    void aTokenWithKilnsKeysIsRefused() {
        try (ScratchKeys keys = ScratchKeys.create()) {
            assertThat(certify(keys.token().label())).isOne();
            assertThat(err.toString()).contains("holds Kiln's storage key").contains("scratch token");
        }
    }

    @Test
    void aWrongPinIsNamedAndTriedOnce() throws Exception {
        Files.writeString(root.resolve("pins/user.pin"), "wrong-12345");
        assertThat(certify(token.label())).isOne();
        assertThat(err.toString()).contains("CKR_PIN_INCORRECT");
        assertThat(out.toString()).isEmpty();
    }
}
