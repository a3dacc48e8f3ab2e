package org.kiln.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.pkcs11.Mechanism;

class TokenProfileTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"cloudhsm", "luna7", "marvell", "nshield", "softhsm2", "utimaco"})
    void eachFamilyHasAProfileThatSurvivesWritingAndReading(String name) throws Exception {
        TokenProfile profile = TokenProfile.named(name);
        assertThat(profile.quirks())
                .isNotEmpty()
                .allSatisfy(quirk -> assertThat(quirk.source()).isNotBlank());
        Path copy = folder.resolve("copy.yaml");
        ProfileFile.write(profile, copy, "a copy\nin two lines");
        assertThat(Files.readString(copy)).startsWith("# a copy\n# in two lines\nfamily: ");
        assertThat(TokenProfile.of("copy.yaml", folder)).isEqualTo(profile);
        assertThatThrownBy(() -> ProfileFile.write(profile, copy, ""))
                .as("a file that exists is left alone")
                .isInstanceOf(TokenException.class)
                .hasMessageContaining("copy.yaml");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cloudhsm", "luna7", "marvell", "nshield", "utimaco"})
    void whatWasNotTestedSaysSo(String name) throws Exception {
        assertThat(TokenProfile.named(name).tested()).isEqualTo("no");
        try (var file = TokenProfile.class.getResourceAsStream("/token-profiles/" + name + ".yaml")) {
            assertThat(new String(file.readAllBytes()).lines().findFirst())
                    .hasValueSatisfying(line -> assertThat(line).contains("UNTESTED HERE"));
        }
    }

    @Test
    void numbersAreTheFamilysOwn() {
        assertThat(TokenProfile.named("softhsm2").aesKeyWrapPadded()).isEqualTo(Mechanism.of(0x210a));
        assertThat(TokenProfile.named("luna7").aesKeyUnwrap()).isEqualTo(Mechanism.of(0x8000_0170L));
        assertThat(TokenProfile.named("cloudhsm").aesKeyUnwrapPadded()).isEqualTo(Mechanism.of(0x8000_216fL));
        assertThat(TokenProfile.named("luna7").oaep()).isEqualTo(Mechanism.oaepSha256());
    }

    @Test
    void whatAProfileDoesNotStateIsNotGuessed() {
        TokenProfile marvell = TokenProfile.named("marvell");
        assertThatThrownBy(marvell::aesKeyWrapPadded)
                .isInstanceOf(TokenException.class)
                .hasMessageContaining("LiquidSecurity states no wrapping.aesKwp.wrap")
                .hasMessageContaining("kiln hsm probe");
        assertThatThrownBy(marvell::oaep).hasMessageContaining("oaepHashes");
        assertThatThrownBy(marvell::findModule).hasMessageContaining("set hsm.module");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "family: SoftHSM2         | famly: SoftHSM2            | family",
                "privateSessionObjects: false | privateSessionObjects: maybe | privateSessionObjects",
                "oaepHashes: [sha1]       | oaepHashes: [md5]          | oaepHashes",
                "trustedKeys: officer     | trustedKeys: anybody       | trust.trustedKeys",
                "wrapWithTrusted: supported | wrapWithTrusted: perhaps | trust.wrapWithTrusted",
                "unwrap: 0x2109           | unwrap: often              | wrapping.aesKw.unwrap",
                "aesCbc: {wrap: 0x1082}   | aesCbc: {wrp: 0x1082}      | wrapping.aesCbc.wrp",
                "kdfs: [none]             | kdfs: [md5]                | ecdh.kdfs",
                "parameters: \"06032b656e\" | parameters: \"x\"         | ecdh.x25519",
                "tested:                  | tasted:                    | tested",
            })
    void aProfileThatIsWrongIsRefusedWithItsFileAndField(String right, String wrong, String field) throws Exception {
        String text;
        try (var file = TokenProfile.class.getResourceAsStream("/token-profiles/softhsm2.yaml")) {
            text = new String(file.readAllBytes());
        }
        assertThat(text).contains(right);
        Files.writeString(folder.resolve("my-hsm.yaml"), text.replace(right, wrong));
        assertThatThrownBy(() -> TokenProfile.of("./my-hsm.yaml", folder))
                .isInstanceOf(TokenException.class)
                .hasMessageContaining("my-hsm.yaml")
                .hasMessageContaining(field);
    }

    @Test
    void aProfileThatIsMissingIsSaidToBe() {
        assertThatThrownBy(() -> TokenProfile.of("lunar", folder))
                .isInstanceOf(TokenException.class)
                .hasMessageContaining("no token profile named lunar")
                .hasMessageContaining("luna7");
        assertThatThrownBy(() -> TokenProfile.of("absent.yaml", folder))
                .isInstanceOf(TokenException.class)
                .hasMessageContaining("absent.yaml");
    }
}
