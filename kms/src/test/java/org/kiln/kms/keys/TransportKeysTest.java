package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;
import org.kiln.token.ScratchToken;

class TransportKeysTest {

    /** XOR of the two is the key of FIPS 197 Appendix C.1, 00 01 … 0f; check values by openssl. */
    private static final String FIRST = "ffffffffffffffffffffffffffffffff\n%s\n";

    private static final String SECOND = "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0\n%s\n";

    private ScratchKeys keys;
    private TransportKeys transportKeys;

    @TempDir
    private Path folder;

    @BeforeEach
    void create() {
        keys = ScratchKeys.create();
        transportKeys = new TransportKeys(keys.ceremony());
    }

    @AfterEach
    void close() {
        keys.close();
    }

    private static String zeroBlockKcv(String hexKey) throws Exception {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(HexFormat.of().parseHex(hexKey), "AES"));
        return HexFormat.of().formatHex(aes.doFinal(new byte[16]), 0, 3);
    }

    private KeyComponent component(String name, String content, String kcv) throws Exception {
        return KeyComponent.read(Files.writeString(folder.resolve(name), content.formatted(kcv)));
    }

    private List<KeyComponent> components() throws Exception {
        return List.of(
                component("a", FIRST, zeroBlockKcv("ffffffffffffffffffffffffffffffff")),
                component("b", SECOND, zeroBlockKcv("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0")));
    }

    @Test
    void combinesComponentsAndUnwrapsWhatThePartnerWrapped() throws Exception {
        Kcv kcv = transportKeys.importFromComponents(
                "partner-in",
                Direction.INCOMING,
                components(),
                Optional.of(zeroBlockKcv("000102030405060708090a0b0c0d0e0f")));
        assertThat(kcv.zeroBlock()).isEqualToIgnoringCase(zeroBlockKcv("000102030405060708090a0b0c0d0e0f"));
        try (Session session = keys.openAs(Ck.CKU_USER);
                Arena arena = Arena.ofConfined()) {
            KeyRing ring = new KeyRing();
            MemorySegment rfc3394 = arena.allocateFrom(
                    ValueLayout.JAVA_BYTE, HexFormat.of().parseHex("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"));
            long ki = session.unwrapKey(
                    ScratchToken.profile().aesKeyWrap(),
                    ring.secretKey(session, "partner-in"),
                    rfc3394,
                    24,
                    new KeyPolicy(false).arrivingSubscriberKey());
            WrappedKey stored = keys.storageKeys().hide(session, ki);
            assertThat(stored.blob()).hasSize(24);
            long opc = session.unwrapKey(
                    ScratchToken.profile().aesKeyWrap(),
                    ring.secretKey(session, KeyLabels.opcOf("partner-in")),
                    rfc3394,
                    24,
                    new KeyPolicy(false).arrivingOpc());
            MemorySegment out = arena.allocate(16);
            keys.storageKeys().readOpc(session, keys.storageKeys().shelve(session, opc), out);
            assertThat(HexFormat.of().formatHex(out.toArray(ValueLayout.JAVA_BYTE)))
                    .isEqualTo("00112233445566778899aabbccddeeff");
        }
    }

    @Test
    void refusesAComponentWhoseCheckValueIsWrong() throws Exception {
        List<KeyComponent> components = List.of(
                component("a", FIRST, zeroBlockKcv("ffffffffffffffffffffffffffffffff")),
                component("b", SECOND, "123456"));
        assertThatThrownBy(() -> transportKeys.importFromComponents(
                        "partner-in", Direction.INCOMING, components, Optional.empty()))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining(folder.resolve("b").toString())
                .hasMessageContaining("states the check value 123456");
    }

    @Test
    void refusesAResultWhoseCheckValueIsWrong() throws Exception {
        List<KeyComponent> components = components();
        assertThatThrownBy(() -> transportKeys.importFromComponents(
                        "partner-in", Direction.INCOMING, components, Optional.of("ABCDEF")))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("not ABCDEF");
        transportKeys.importFromComponents("partner-in", Direction.INCOMING, components, Optional.empty());
    }

    @Test
    void aComponentFileThatIsNoneIsNamedWithItsLine() throws Exception {
        assertThatThrownBy(() -> component("short", "ffff\n%s\n", "123456"))
                .hasMessageContaining(
                        "short, line 1: expected a component of 32, 48 or 64 hexadecimal digits, found 4");
        assertThatThrownBy(() -> component("letters", "zz".repeat(16) + "\n%s\n", "123456"))
                .hasMessageContaining("letters, line 1: not a hexadecimal digit at position 1");
        assertThatThrownBy(() -> component("nokcv", "ff".repeat(16) + "\n%s", ""))
                .hasMessageContaining("nokcv, line 2: expected the component's check value");
        assertThatThrownBy(() -> component("long", "f".repeat(400) + "%s", "")).hasMessageContaining("too long");
    }

    /** Whatever a custodian's file holds, it is a component or refused by the file's name, and never quoted. */
    @Test
    void anyComponentFileIsReadOrRefused() throws Exception {
        byte[] good = ("5a".repeat(32) + "\n123456\n").getBytes(StandardCharsets.US_ASCII);
        Path file = folder.resolve("mutant");
        for (long seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            byte[] mutant = Arrays.copyOf(good, random.nextInt(good.length + 3));
            for (int i = random.nextInt(4); i > 0 && mutant.length > 0; i--) {
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, mutant);
            try (KeyComponent read = KeyComponent.read(file)) {
                assertThat(read.value().size()).as("seed %d", seed).isIn(16L, 24L, 32L);
            } catch (KeyException e) {
                assertThat(e.getMessage())
                        .as("seed %d", seed)
                        .contains("mutant")
                        .doesNotContain("5a5a");
            }
        }
    }

    @Test
    void kilnsOwnLabelsAreNotFree() {
        assertThatThrownBy(() -> transportKeys.generate("SK-2", 32)).isInstanceOf(KeyException.class);
        assertThatThrownBy(() -> transportKeys.generate("x/opc", 32)).isInstanceOf(KeyException.class);
        assertThatThrownBy(() -> transportKeys.generate("", 32)).isInstanceOf(KeyException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 24, 32})
    void makesKeysOfEveryAesLengthAndTellsBothCheckValues(int octets) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(3072);
        KeyPair partner = generator.generateKeyPair();
        TransportKeys.Exported exported =
                transportKeys.generateFor("out-" + octets, octets, (RSAPublicKey) partner.getPublic());
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
        oaep.init(Cipher.DECRYPT_MODE, partner.getPrivate());
        byte[] value = oaep.doFinal(exported.wrapped());
        Mac cmac = Mac.getInstance("AESCMAC", new BouncyCastleProvider());
        cmac.init(new SecretKeySpec(value, "AES"));
        assertThat(value).hasSize(octets);
        assertThat(exported.kcv().cmac())
                .isEqualToIgnoringCase(HexFormat.of().formatHex(cmac.doFinal(new byte[16]), 0, 5));
    }

    @Test
    void aDestroyedKeyIsGoneWithItsOpcObject() throws Exception {
        transportKeys.importFromComponents("gone-in", Direction.INCOMING, components(), Optional.empty());
        transportKeys.destroy("gone-in");
        transportKeys.destroy("gone-in");
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            assertThat(KeyRing.find(session, Ck.CKO_SECRET_KEY, "gone-in")).isEmpty();
            assertThat(KeyRing.find(session, Ck.CKO_SECRET_KEY, KeyLabels.opcOf("gone-in")))
                    .isEmpty();
        }
    }

    @Test
    void exportsANewKeyUnderThePartnersRsaKeyOnly() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(3072);
        KeyPair partner = generator.generateKeyPair();
        TransportKeys.Exported exported =
                transportKeys.generateFor("vendor-out", 32, (RSAPublicKey) partner.getPublic());
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
        oaep.init(Cipher.DECRYPT_MODE, partner.getPrivate());
        byte[] value = oaep.doFinal(exported.wrapped());
        assertThat(value).hasSize(32);
        assertThat(exported.kcv().zeroBlock())
                .isEqualToIgnoringCase(zeroBlockKcv(HexFormat.of().formatHex(value)));

        generator.initialize(2048);
        RSAPublicKey weak = (RSAPublicKey) generator.generateKeyPair().getPublic();
        assertThatThrownBy(() -> transportKeys.generateFor("weak-out", 32, weak))
                .hasMessageContaining("2048 bits");
    }
}
