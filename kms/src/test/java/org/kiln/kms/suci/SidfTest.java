package org.kiln.kms.suci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.keys.Curve;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/** On a real token: 3GPP's known answers, and a UE in software against keys that the token made. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SidfTest {

    private static final HexFormat HEX = HexFormat.of();

    @TempDir
    private static Path folder;

    private ScratchHomeNetwork network;
    private Sidf sidf;

    @BeforeAll
    void open() {
        network = new ScratchHomeNetwork(folder);
        sidf = network.sidf();
    }

    @AfterAll
    void close() {
        network.close();
    }

    @AfterEach
    void noSecretIsLeftInTheToken() {
        int left = network.node()
                .tokens()
                .call(session -> session.findObjects(Template.builder()
                                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                                .with(Cka.TOKEN, false)
                                .build())
                        .length);
        assertThat(left).isZero();
    }

    private String resolve(String suci) {
        try {
            return sidf.deconceal(Suci.parse(suci)).join().value();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private long publishedKey(Session session, ProtectionScheme scheme, JsonNode profile, Arena arena) {
        MemorySegment value = arena.allocateFrom(
                ValueLayout.JAVA_BYTE, HEX.parseHex(profile.get("hnPrivateKey").asText()));
        KeyPolicy policy = new KeyPolicy(false);
        var x25519 = network.node().tokens().profile().ecdh().x25519();
        return session.createObject(
                scheme == ProtectionScheme.PROFILE_A
                        ? policy.publishedPrivateExample(x25519.keyType(), HEX.parseHex(x25519.parameters()), value)
                        : policy.publishedPrivateExample(value));
    }

    /** TS 33.501 Annex C.4.3 and C.4.4; for profile B with the ephemeral key in either form. */
    @ParameterizedTest
    @CsvSource({"profileA, PROFILE_A, false", "profileB, PROFILE_B, false", "profileB, PROFILE_B, true"})
    void givesThePublishedAnswers(String name, ProtectionScheme scheme, boolean uncompressed) throws Exception {
        JsonNode profile;
        try (InputStream in = SidfTest.class.getResourceAsStream("/vectors/suci.json")) {
            profile = new ObjectMapper().readTree(in).get(name);
        }
        String ephemeral = profile.get("ephemeralPublicKey").asText();
        String sent = uncompressed ? HEX.formatHex(Curve.P256.checked(HEX.parseHex(ephemeral))) : ephemeral;
        byte[] output = HEX.parseHex(sent
                + profile.get("ciphertext").asText()
                + profile.get("macTag").asText());
        String plain = network.node().tokens().call(session -> {
            try (Arena arena = Arena.ofConfined()) {
                long key = publishedKey(session, scheme, profile, arena);
                try {
                    MemorySegment secret = arena.allocate(32);
                    network.keys()
                            .agree(
                                    session,
                                    key,
                                    SchemeOutput.split(scheme, output).point(),
                                    secret);
                    assertThat(HEX.formatHex(secret.toArray(ValueLayout.JAVA_BYTE)))
                            .isEqualTo(profile.get("sharedKey").asText());
                    return HEX.formatHex(new Ecies(network.keys()).open(session, key, scheme, output));
                } finally {
                    session.destroyObject(key);
                }
            }
        });
        assertThat(plain).isEqualTo(profile.get("plaintext").asText());
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, true", "2, false", "3, true"})
    void resolvesWhatAUeConceals(int identifier, boolean compressed) {
        SuciKey key = network.key(identifier);
        for (String msin : List.of("0123456789", "123456789", "7")) {
            assertThat(resolve(SoftwareUe.imsi(key, compressed, "00101" + msin)))
                    .isEqualTo("imsi-00101" + msin);
        }
        for (String user : List.of("u", "jörg", "x".repeat(100))) {
            assertThat(resolve(SoftwareUe.nai(key, compressed, user, "factory.example")))
                    .isEqualTo("nai-" + user + "@factory.example");
        }
    }

    @Test
    void theNullSchemeNeedsNoToken() {
        assertThat(resolve("suci-0-001-01-0-0-0-0123456789")).isEqualTo("imsi-001010123456789");
        assertThat(resolve("suci-1-example.org-0-0-0-user")).isEqualTo("nai-user@example.org");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1-2", "2-1", "1-9", "2-0", "1-255"})
    void aKeyThatIsNotThereOrOfAnotherSchemeIsUnknown(String schemeAndKey) {
        assertThatThrownBy(() -> resolve("suci-0-001-01-0-" + schemeAndKey + "-" + "00".repeat(50)))
                .isInstanceOf(SuciException.UnknownKey.class);
    }

    /** Off the curve, at infinity, hybrid, of small order (all encodings, with the unused bit set too). */
    @ParameterizedTest
    @CsvSource({
        "2, 02ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "2, 000000000000000000000000000000000000000000000000000000000000000000",
        "2, 06d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
        "2, 04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872aa",
        "1, 0000000000000000000000000000000000000000000000000000000000000000",
        "1, 0100000000000000000000000000000000000000000000000000000000000080",
        "1, e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "1, 5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
        "1, ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "1, edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "1, eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
    })
    void pointsThatCannotBeAgreedWithAreRefused(int identifier, String point) {
        assertThatThrownBy(() -> resolve("suci-0-001-01-0-" + identifier + "-" + identifier + "-" + point + "0011223344"
                        + "00".repeat(8)))
                .isInstanceOf(SuciException.InvalidOutput.class)
                .hasMessageContaining("ephemeral public key");
        assertThat(network.node().tokens().lanes()).isEqualTo(2);
    }

    /** Seeded: a changed output is refused, and the token serves on. */
    @Test
    void aChangedOutputIsRefused() {
        Random random = new Random(33_501);
        for (int round = 0; round < 1500; round++) {
            SuciKey key = network.key(1 + round % 3);
            byte[] output = SoftwareUe.conceal(key, random.nextBoolean(), SoftwareUe.packed("0123456789"));
            switch (random.nextInt(3)) {
                case 0 -> output[random.nextInt(output.length)] ^= (byte) (1 << random.nextInt(8));
                case 1 -> output = Arrays.copyOf(output, random.nextInt(output.length));
                default -> random.nextBytes(output);
            }
            String suci = "suci-0-001-01-0-" + SoftwareUe.tail(key, output);
            if (output.length == 0) {
                assertThatThrownBy(() -> resolve(suci)).isInstanceOf(SuciException.Malformed.class);
            } else {
                assertThatThrownBy(() -> resolve(suci)).isInstanceOf(SuciException.InvalidOutput.class);
            }
        }
        assertThat(network.node().tokens().lanes()).isEqualTo(2);
        assertThat(resolve(SoftwareUe.imsi(network.key(1), true, "001010000000001")))
                .isEqualTo("imsi-001010000000001");
    }

    @Test
    void whatIsAuthenticButNoIdentifierIsRefused() {
        SuciKey key = network.key(2);
        byte[] output = SoftwareUe.conceal(key, true, "letters".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> resolve("suci-0-001-01-0-" + SoftwareUe.tail(key, output)))
                .isInstanceOf(SuciException.InvalidOutput.class);
    }

    @Test
    void manyThreadsGetEachTheirOwn() throws Exception {
        List<SuciKey> keys = List.of(network.key(1), network.key(2), network.key(3));
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Boolean>> work = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                String imsi = "00101%010d".formatted(i);
                SuciKey key = keys.get(i % keys.size());
                work.add(() -> resolve(SoftwareUe.imsi(key, true, imsi)).equals("imsi-" + imsi));
            }
            for (Future<Boolean> each : threads.invokeAll(work)) {
                assertThat(each.get()).isTrue();
            }
        }
    }

    /** Two keys overlap; the old one serves while it retires, and no longer. */
    @Test
    void rotationWithOverlap() {
        byte[] point = network.node().tokens().call(session -> network.keys().create(session, 40, Curve.X25519));
        network.register().add(SuciKey.made(40, ProtectionScheme.PROFILE_A, point, Instant.EPOCH));
        network.serving().refresh();
        String old = SoftwareUe.imsi(network.key(40), true, "001010000000040");
        assertThat(resolve(old)).isEqualTo("imsi-001010000000040");

        assertThatThrownBy(() -> network.register().change(40, SuciKeyState.RETIRED, Instant.EPOCH))
                .isInstanceOf(SuciKeyException.class);
        network.register().change(40, SuciKeyState.RETIRING, Instant.EPOCH);
        network.serving().refresh();
        assertThat(resolve(old)).isEqualTo("imsi-001010000000040");
        assertThat(resolve(SoftwareUe.imsi(network.key(1), true, "001010000000041")))
                .isEqualTo("imsi-001010000000041");

        network.register().change(40, SuciKeyState.RETIRED, Instant.EPOCH);
        network.serving().refresh();
        assertThatThrownBy(() -> resolve(old)).isInstanceOf(SuciException.UnknownKey.class);
    }

    /** The register says that it serves, the token has lost it. */
    @Test
    void aKeyThatTheTokenLacksIsTheNodesFault() {
        network.register()
                .add(SuciKey.made(41, ProtectionScheme.PROFILE_B, network.key(2).point(), Instant.EPOCH));
        network.serving().refresh();
        assertThatThrownBy(() -> resolve(SoftwareUe.imsi(network.key(41), true, "001010000000001")))
                .isInstanceOf(SuciException.KeyMissing.class);
    }
}
