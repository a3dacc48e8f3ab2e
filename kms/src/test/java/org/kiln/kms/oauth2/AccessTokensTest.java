package org.kiln.kms.oauth2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.kms.lab.LabAuthority;

/** Which tokens are good here and for how long, by a clock that the test sets. */
class AccessTokensTest {

    private static final String SCOPE = "nudm-ueau";
    private static final int SKEW = 10;

    @TempDir
    private static Path folder;

    private static TestNrf first;
    private static TestNrf second;
    private static List<NrfKey> keys;

    private Instant now = Instant.parse("2026-11-24T12:00:00Z");
    private AccessTokens tokens;

    @BeforeAll
    static void makeKeys() throws Exception {
        first = TestNrf.withEcKey(Curve.P_256, "ec");
        second = TestNrf.withRsaKey(2048, "rsa");
        keys = List.of(
                NrfKey.read("ec", first.pem(folder.resolve("ec.pem"))),
                NrfKey.read("rsa", second.pem(folder.resolve("rsa.pem"))));
    }

    @BeforeEach
    void open() {
        tokens = trusting(keys);
    }

    @AfterEach
    void close() {
        tokens.close();
    }

    private AccessTokens trusting(List<NrfKey> trusted) {
        return new AccessTokens(
                new TokenTrust(TestNrf.ID, Set.of("UDM", "own-instance"), Duration.ofSeconds(SKEW), trusted),
                () -> now);
    }

    private JWTClaimsSet.Builder claims() {
        return TestNrf.claims(SCOPE, now);
    }

    private AccessToken verify(String token) {
        return tokens.verify(token).join();
    }

    private void assertRefused(String token) {
        assertThatThrownBy(() -> verify(token))
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(AccessTokenException.class);
        assertThat(tokens.known(token)).isNull();
    }

    @Test
    void aTokenOfEitherKeyTellsWhoseItIsAndWhatItAllows() throws Exception {
        for (TestNrf nrf : List.of(first, second)) {
            AccessToken token = verify(nrf.token(
                    claims().claim("scope", "nudm-ueau nudr-dr nudm-ueau").build()));
            assertThat(token.subject()).isEqualTo("1a2b3c4d-0000-4000-8000-000000000001");
            assertThat(token.scopes()).containsExactlyInAnyOrder("nudm-ueau", "nudr-dr");
            assertThat(token.expires()).isEqualTo(now.plusSeconds(300));
        }
    }

    @ParameterizedTest
    @CsvSource({"P-384, ES384", "P-521, ES512"})
    void theOtherCurvesServe(String curve, String algorithm) throws Exception {
        TestNrf nrf = TestNrf.withEcKey(Curve.parse(curve), "other");
        tokens.close();
        tokens = trusting(List.of(NrfKey.read("other", nrf.pem(folder.resolve(curve)))));
        String token = nrf.token(claims().build());
        assertThat(SignedJWT.parse(token).getHeader().getAlgorithm().getName()).isEqualTo(algorithm);
        assertThat(verify(token).scopes()).containsExactly(SCOPE);
    }

    @ParameterizedTest
    @CsvSource({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
    void everyAlgorithmOfRsaServes(String algorithm) throws Exception {
        assertThat(verify(second.token(
                                claims().build(), new JWSHeader.Builder(JWSAlgorithm.parse(algorithm)).keyID("rsa")))
                        .scopes())
                .containsExactly(SCOPE);
    }

    @Test
    void aCertificateCountsForItsKey() throws Exception {
        LabAuthority authority = LabAuthority.create(folder.resolve("nrf-ca"));
        Path pem = TestNrf.pem(
                folder.resolve("certificate.pem"),
                authority.certify(first.key().toPublicKey(), "nrf", LabAuthority.Purpose.SERVER));
        tokens.close();
        tokens = trusting(List.of(NrfKey.read("ec", pem)));
        assertThat(verify(first.token(claims().build())).scopes()).containsExactly(SCOPE);
    }

    @Test
    void aTokenWithoutKidIsTriedWithEveryKey() throws Exception {
        assertThat(verify(second.token(claims().build(), new JWSHeader.Builder(JWSAlgorithm.RS256)))
                        .scopes())
                .containsExactly(SCOPE);
        TestNrf stranger = TestNrf.withEcKey(Curve.P_256, null);
        assertRefused(stranger.token(claims().build(), new JWSHeader.Builder(JWSAlgorithm.ES256)));
    }

    @Test
    void aKidThatIsUnknownOrAnothersIsRefused() throws Exception {
        assertRefused(first.token(claims().build(), new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("ec-2")));
        assertRefused(first.token(claims().build(), new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("rsa")));
        TestNrf impostor = TestNrf.withEcKey(Curve.P_256, "ec");
        assertRefused(impostor.token(claims().build()));
    }

    @Test
    void aTokenWithoutSignatureIsRefused() throws Exception {
        assertRefused(new PlainJWT(claims().build()).serialize());
        String[] parts = first.token(claims().build()).split("[.]");
        assertRefused(parts[0] + "." + parts[1] + ".");
        assertRefused(parts[0] + "." + parts[1]);
        String none = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"nOnE\",\"kid\":\"ec\"}".getBytes(StandardCharsets.UTF_8));
        assertRefused(none + "." + parts[1] + "." + parts[2]);
    }

    /** The classic confusion: the public key, which everybody knows, as the secret of an HMAC. */
    @Test
    void anHmacUnderThePublicKeyIsRefused() throws Exception {
        byte[] pem = Files.readAllBytes(folder.resolve("rsa.pem"));
        for (byte[] secret : List.of(pem, second.key().toPublicKey().getEncoded())) {
            SignedJWT forged = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa").build(), claims().build());
            forged.sign(new MACSigner(secret));
            assertRefused(forged.serialize());
        }
    }

    @Test
    void aKeyThatComesWithTheTokenIsNotUsed() throws Exception {
        TestNrf stranger = TestNrf.withEcKey(Curve.P_256, "ec");
        JWSHeader.Builder header = new JWSHeader.Builder(JWSAlgorithm.ES256)
                .keyID("ec")
                .jwk(com.nimbusds.jose.jwk.ECKey.parse(((com.nimbusds.jose.jwk.ECKey) stranger.key())
                        .toPublicJWK()
                        .toJSONObject()));
        assertRefused(stranger.token(claims().build(), header));
    }

    @Test
    void anotherKindOfJwtIsRefused() throws Exception {
        JWSHeader.Builder header = new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("ec");
        assertRefused(first.token(claims().build(), header.type(new JOSEObjectType("dpop+jwt"))));
        assertRefused(first.token(
                claims().build(),
                header.type(JOSEObjectType.JWT).criticalParams(Set.of("x")).customParam("x", 1)));
        assertThat(verify(first.token(
                        claims().build(),
                        new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("ec").type(JOSEObjectType.JWT))))
                .isNotNull();
    }

    static Stream<Arguments> badClaims() {
        return Stream.of(
                bad("no issuer", claims -> claims.issuer(null)),
                bad("another issuer", claims -> claims.issuer("3fa85f64-5717-4562-b3fc-000000000000")),
                bad("no subject", claims -> claims.subject(null)),
                bad("no audience", claims -> claims.audience((String) null)),
                bad("another type of NF", claims -> claims.audience("AMF")),
                bad("other instances", claims -> claims.audience(List.of("a", "b"))),
                bad("no scope", claims -> claims.claim("scope", null)),
                bad("a scope that is no text", claims -> claims.claim("scope", List.of("nudm-ueau"))),
                bad("no end", claims -> claims.expirationTime(null)),
                bad("for a slice only", claims -> claims.claim("producerSnssaiList", List.of())),
                bad("for a set only", claims -> claims.claim("producerNfSetId", "set1.udmset")),
                bad("for another PLMN", claims -> claims.claim("producerPlmnId", java.util.Map.of("mcc", "999"))));
    }

    private static Arguments bad(String what, UnaryOperator<JWTClaimsSet.Builder> change) {
        return Arguments.of(what, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badClaims")
    void aTokenWithOtherClaimsIsRefused(String what, UnaryOperator<JWTClaimsSet.Builder> change) throws Exception {
        assertRefused(first.token(change.apply(claims()).build()));
    }

    @Test
    void anInstanceAmongOthersIsAnAudience() throws Exception {
        assertThat(verify(first.token(
                        claims().audience(List.of("other", "own-instance")).build())))
                .isNotNull();
    }

    @Test
    void clocksMayDifferByTheAllowance() throws Exception {
        String ahead = first.token(claims().issueTime(Date.from(now.plusSeconds(SKEW)))
                .notBeforeTime(Date.from(now.plusSeconds(SKEW - 1)))
                .build());
        assertThat(verify(ahead)).isNotNull();
        assertRefused(first.token(
                claims().issueTime(Date.from(now.plusSeconds(SKEW + 1))).build()));
        assertRefused(first.token(
                claims().notBeforeTime(Date.from(now.plusSeconds(SKEW + 1))).build()));
        String ends = first.token(claims().expirationTime(Date.from(now)).build());
        assertThat(verify(ends)).isNotNull();
        now = now.plusSeconds(SKEW);
        assertRefused(ends);
    }

    @Test
    void aGoodTokenIsRememberedUntilItExpiresAndNoLonger() throws Exception {
        String token = first.token(claims().build());
        assertThat(tokens.known(token)).isNull();
        AccessToken verified = verify(token);
        assertThat(tokens.known(token)).isEqualTo(verified);
        now = now.plusSeconds(299);
        assertThat(tokens.known(token)).isEqualTo(verified);
        now = now.plusSeconds(1);
        assertThat(tokens.known(token)).isNull();
        assertThat(tokens.size()).isZero();
        now = now.plusSeconds(SKEW);
        assertRefused(token);
    }

    @Test
    void noMoreThanSoManyAreRemembered() throws Exception {
        String oldest = first.token(claims().build());
        verify(oldest);
        for (int i = 0; i < AccessTokens.MOST_KNOWN; i++) {
            verify(second.token(claims().jwtID("id" + i).build(), new JWSHeader.Builder(JWSAlgorithm.RS256)));
        }
        assertThat(tokens.size()).isEqualTo(AccessTokens.MOST_KNOWN);
        assertThat(tokens.known(oldest)).isNull();
    }

    /** Base64 has more than one spelling of some octets, so a mutation may mean the same; then it tells the same. */
    @Test
    void mutatedTokensAreRefused() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        String good = first.token(claims().build());
        AccessToken original = verify(good);
        for (int run = 0; run < 2_000; run++) {
            byte[] mutated = good.getBytes(StandardCharsets.ISO_8859_1);
            for (int each = 0; each <= random.nextInt(3); each++) {
                mutated[random.nextInt(mutated.length)] =
                        (byte) (random.nextBoolean() ? 0x21 + random.nextInt(94) : random.nextInt(256));
            }
            if (random.nextInt(10) == 0) {
                mutated = Arrays.copyOf(mutated, random.nextInt(mutated.length));
            }
            String token = new String(mutated, StandardCharsets.ISO_8859_1);
            try {
                assertThat(verify(token))
                        .as("seed %d, run %d: %s", seed, run, token)
                        .isEqualTo(original);
            } catch (CompletionException e) {
                assertThat(e.getCause())
                        .as("seed %d, run %d: %s", seed, run, token)
                        .isInstanceOf(AccessTokenException.class);
            }
        }
    }

    @Test
    void aFileThatIsNoGoodKeyIsNamed() throws Exception {
        Path text = Files.writeString(folder.resolve("text.pem"), "no key");
        Path weak = TestNrf.withRsaKey(1024, "weak").pem(folder.resolve("weak.pem"));
        Path privately = TestNrf.pem(folder.resolve("private.pem"), first.key().toPrivateKey());
        for (Path bad : List.of(text, weak, privately, folder.resolve("absent.pem"))) {
            assertThatThrownBy(() -> NrfKey.read("kid", bad))
                    .isInstanceOf(NrfKeyException.class)
                    .hasMessageContaining(bad.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nudm-ueau, true",
        "nudm-ueau nudm-sdm, true",
        "nudm-ueau nudm-sdm:x:read, true",
        "nudm-ueau nudm-ueau:auth-events:create, true",
        "nudm-ueau nudm-ueau:auth-event-id:modify nudm-ueau:auth-events:create, true",
        "nudm-ueau nudm-ueau:auth-event-id:modify, false",
        "nudm-ueau:auth-events:create, false",
        "nudm-sdm, false",
        "NUDM-UEAU, false"
    })
    void aScopeOfTheServiceOpensAllOfItUnlessItNamesOperations(String scopes, boolean granted) {
        assertThat(new RequiredScope("nudm-ueau", "nudm-ueau:auth-events:create")
                        .isGrantedBy(Set.of(scopes.split(" "))))
                .isEqualTo(granted);
    }
}
