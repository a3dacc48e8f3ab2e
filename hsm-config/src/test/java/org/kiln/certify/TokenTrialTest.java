package org.kiln.certify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.token.ProfileFile;
import org.kiln.token.ScratchToken;
import org.kiln.token.TokenProbe;
import org.kiln.token.TokenProfile;
import org.kiln.token.Tokens;

class TokenTrialTest {

    private final ScratchToken token = ScratchToken.create();

    private TokenTrial.Trial trial(TokenProfile given) {
        try (Secret pin = ScratchToken.userPin()) {
            return TokenTrial.run(
                    token.cryptoki(),
                    Tokens.labelled(token.cryptoki(), token.label()),
                    given,
                    pin,
                    ScratchToken.profile().findModule());
        }
    }

    private TokenProbe.Report probe(TokenProfile profile) {
        return TokenProbe.probe(token.cryptoki(), Tokens.labelled(token.cryptoki(), token.label()), profile);
    }

    @Test
    void aTrialFindsTheShippedProfileByItself() {
        TokenProfile shipped = ScratchToken.profile();
        TokenProfile seen = trial(shipped).profile();
        assertThat(seen.wrapping()).isEqualTo(shipped.wrapping());
        assertThat(seen.oaepHashes()).isEqualTo(shipped.oaepHashes());
        assertThat(seen.ecdh()).isEqualTo(shipped.ecdh());
        assertThat(seen.trust()).isEqualTo(shipped.trust());
        assertThat(seen.privateSessionObjects()).isEqualTo(shipped.privateSessionObjects());
        assertThat(seen.tested()).contains("SoftHSM v2");
    }

    /** A family of which nothing is known: its profile comes out of the trial and serves. */
    @Test
    void aTrialFillsAnEmptyProfile(@TempDir Path folder) {
        TokenProfile empty = TokenProfile.named("marvell");
        assertThat(probe(empty).usable()).isFalse();
        TokenTrial.Trial trial = trial(empty);
        Path file = folder.resolve("my-hsm.yaml");
        ProfileFile.write(trial.profile(), file, "found by trial");
        TokenProfile read = TokenProfile.of("my-hsm.yaml", folder);
        assertThat(read).isEqualTo(trial.profile());
        assertThat(read.wrapping()).isEqualTo(ScratchToken.profile().wrapping());
        assertThat(probe(read).usable()).isTrue();
        assertThat(trial.tried())
                .anySatisfy(tried -> {
                    assertThat(tried.what()).isEqualTo("AES key wrap with padding (RFC 5649), 0x210b, wrap");
                    assertThat(tried.answer()).contains("CKR_MECHANISM_INVALID");
                })
                .anySatisfy(
                        tried -> assertThat(tried.what() + " " + tried.works()).isEqualTo("RSA-OAEP with SHA1 true"));
    }

    @Test
    void aTrialLeavesNothingBehind() {
        trial(ScratchToken.profile());
        try (Session session = token.openAs(Ck.CKU_USER)) {
            assertThat(session.findObjects(Template.builder().build())).isEmpty();
        }
    }

    @Test
    void aProbeComparesBothWays() {
        TokenProbe.Report good = probe(ScratchToken.profile());
        assertThat(good.missing()).isEmpty();
        assertThat(good.usable()).isTrue();
        assertThat(good.capabilities())
                .extracting(TokenProbe.Capability::purpose, TokenProbe.Capability::verdict)
                .contains(
                        tuple("3DES transport keys", TokenProbe.Verdict.NO),
                        tuple("TUAK", TokenProbe.Verdict.LIMITED),
                        tuple("locked storage keys (the ceremony)", TokenProbe.Verdict.YES));
        TokenProbe.Report other = probe(TokenProfile.named("luna7"));
        assertThat(other.usable()).isFalse();
        assertThat(other.missing())
                .contains("wrapping.aesKw.wrap 0x80000170", "wrapping.aesKwp.unwrap 0x80000171", "aka.tuak 0x80000e24");
        assertThat(other.unused()).anyMatch(line -> line.startsWith("0x2109 wraps"));
        assertThat(probe(TokenProfile.named("marvell")).unused()).anyMatch(line -> line.startsWith("0x1050 derives"));
    }
}
