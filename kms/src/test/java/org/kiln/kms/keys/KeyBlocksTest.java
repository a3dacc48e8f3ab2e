package org.kiln.kms.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.macs.CMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.keys.KeyAudit.Finding;
import org.kiln.kms.keys.KeyAudit.Rule;
import org.kiln.kms.keys.TransportKeyReceipt.Purpose;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.token.ScratchToken;
import org.kiln.transfer.tr31.OptionalBlock;
import org.kiln.transfer.tr31.Tr31;
import org.kiln.transfer.tr31.Tr31Header;

/** Transport keys between two tokens as key blocks of X9.143, and what such a block is to somebody who is not Kiln. */
class KeyBlocksTest {

    /** The key block protection key of the standard's example (TR-31:2018 clause A.7.4, ANSI X9.143-2022 clause 8.1). */
    private static final String KBPK = "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6";

    private static final String EXAMPLE =
            "D0144P0AE00E00002C77FA3F4A553BED6E88AE5C172A4166E3D4ACA8E2AC71C158A476FAC12C13C3"
                    + "829DE55D3AB54C48F4C4FEF7AC75E90FC47F1B77E7B19A73ED46E64410082557";
    private static final String EXAMPLE_KEY = "3F419E1CB7079442AA37474C2EFBF8B8";

    private final ScratchKeys here = ScratchKeys.create();
    private final ScratchKeys there = ScratchKeys.create();

    @TempDir
    private Path folder;

    @BeforeEach
    void share() throws Exception {
        protect(here, KBPK);
        protect(there, KBPK);
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    private void protect(ScratchKeys keys, String hex) throws Exception {
        byte[] value = HexFormat.of().parseHex(hex);
        byte[] one = new byte[value.length];
        Arrays.fill(one, (byte) 0x5a);
        byte[] two = value.clone();
        for (int i = 0; i < two.length; i++) {
            two[i] ^= 0x5a;
        }
        List<KeyComponent> components = new ArrayList<>(List.of(component(one), component(two)));
        try {
            Kcv kcv = new KeyBlocks(keys.ceremony())
                    .importProtectionKey("acme", components, Optional.of(zeroBlock(value)));
            assertThat(kcv.zeroBlock()).isEqualToIgnoringCase(zeroBlock(value));
        } finally {
            components.forEach(KeyComponent::close);
        }
    }

    private KeyComponent component(byte[] value) throws Exception {
        return KeyComponent.read(Files.writeString(
                folder.resolve("component"), HexFormat.of().formatHex(value) + "\n" + zeroBlock(value) + "\n"));
    }

    private static String zeroBlock(byte[] key) throws Exception {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        return HexFormat.of().formatHex(aes.doFinal(new byte[16]), 0, 3);
    }

    /** A block as somebody without Kiln's codec makes and opens it. */
    private static byte[] opened(String kbpkHex, String block) throws Exception {
        byte[] kbpk = HexFormat.of().parseHex(kbpkHex);
        int headLength = 16;
        for (int left = Integer.parseInt(block.substring(12, 14)); left > 0; left--) {
            headLength += Integer.parseInt(block.substring(headLength + 2, headLength + 4), 16);
        }
        byte[] head = block.substring(0, headLength).getBytes(StandardCharsets.US_ASCII);
        byte[] rest = HexFormat.of().parseHex(block.substring(headLength));
        byte[] mac = Arrays.copyOfRange(rest, rest.length - 16, rest.length);
        Cipher cbc = Cipher.getInstance("AES/CBC/NoPadding");
        cbc.init(Cipher.DECRYPT_MODE, new SecretKeySpec(derived(kbpk, 0), "AES"), new IvParameterSpec(mac));
        byte[] clear = cbc.doFinal(rest, 0, rest.length - 16);
        byte[] message = Arrays.copyOf(head, head.length + clear.length);
        System.arraycopy(clear, 0, message, head.length, clear.length);
        assertThat(cmac(derived(kbpk, 1), message)).isEqualTo(mac);
        int bits = (clear[0] & 0xff) << 8 | (clear[1] & 0xff);
        return Arrays.copyOfRange(clear, 2, 2 + bits / 8);
    }

    private static byte[] derived(byte[] kbpk, int usage) {
        byte[] key = new byte[(kbpk.length + 15) / 16 * 16];
        for (int i = 0; i < key.length / 16; i++) {
            byte[] data = {
                (byte) (i + 1),
                0,
                (byte) usage,
                0,
                0,
                (byte) (kbpk.length / 8),
                (byte) (kbpk.length * 8 >> 8),
                (byte) (kbpk.length * 8)
            };
            System.arraycopy(cmac(kbpk, data), 0, key, 16 * i, 16);
        }
        return Arrays.copyOf(key, kbpk.length);
    }

    private static byte[] cmac(byte[] key, byte[] message) {
        CMac mac = new CMac(AESEngine.newInstance());
        mac.init(new KeyParameter(key));
        mac.update(message, 0, message.length);
        byte[] out = new byte[16];
        mac.doFinal(out, 0);
        return out;
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 24, 32})
    void aKeyMadeInOneTokenUnwrapsInTheOther(int octets) throws Exception {
        KeyBlocks.Sent sent = new KeyBlocks(here.ceremony()).generateFor("acme-out", octets, "acme");
        assertThat(sent.block()).startsWith("D").contains("K0AD00N").contains("acme-out");

        byte[] value = opened(KBPK, sent.block());
        assertThat(value).hasSize(octets);
        assertThat(sent.kcv().zeroBlock()).isEqualToIgnoringCase(zeroBlock(value));

        KeyBlocks.Received received = new KeyBlocks(there.ceremony())
                .receive(
                        "from-kiln",
                        Purpose.KI,
                        "acme",
                        sent.block() + "\n",
                        Optional.of(sent.kcv().cmac()));
        assertThat(received.kcv()).isEqualTo(sent.kcv());
        assertThat(received.octets()).isEqualTo(octets);

        byte[] wrapped;
        String made;
        try (Session session = here.openAs(Ck.CKU_USER);
                Arena arena = Arena.ofConfined()) {
            KeyRing ring = new KeyRing();
            long ki = session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), new KeyPolicy(false).newSubscriberKey(16));
            made = CheckValues.ofArrived(session, ki);
            MemorySegment out = arena.allocate(64);
            int length =
                    session.wrapKey(ScratchToken.profile().aesKeyWrap(), ring.secretKey(session, "acme-out"), ki, out);
            wrapped = out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
        try (Session session = there.openAs(Ck.CKU_USER);
                Arena arena = Arena.ofConfined()) {
            long ki = session.unwrapKey(
                    ScratchToken.profile().aesKeyUnwrap(),
                    new KeyRing().secretKey(session, "from-kiln"),
                    arena.allocateFrom(ValueLayout.JAVA_BYTE, wrapped),
                    wrapped.length,
                    new KeyPolicy(false).arrivingSubscriberKey());
            assertThat(CheckValues.ofArrived(session, ki)).isEqualTo(made);
        }
    }

    @Test
    void theStandardsExampleOpensUnderTheTokensKeyAndIsNoTransportKey() throws Exception {
        assertThat(opened(KBPK, EXAMPLE)).isEqualTo(HexFormat.of().parseHex(EXAMPLE_KEY));
        assertRefused(EXAMPLE, Optional.empty(), "usage P0");
    }

    @ParameterizedTest
    @CsvSource({
        "K1, A, B, key block protection key (usage K1)",
        "D0, A, D, usage D0",
        "K0, A, E, its mode of use is E",
        "K0, T, D, algorithm T"
    })
    void aKeyOfAnotherKindIsRefused(String usage, String algorithm, String mode, String why) {
        assertRefused(block(KBPK, new Tr31Header(usage, algorithm, mode, "00", 'N', List.of())), Optional.empty(), why);
    }

    @Test
    void aBlockThatIsChangedOrUnderAnotherKeyOrMisstatesItsKeyIsRefused() {
        String good = block(KBPK, new Tr31Header("K0", "A", "D", "00", 'N', List.of()));
        String tampered = good.substring(0, good.length() - 1) + (good.endsWith("0") ? "1" : "0");
        assertRefused(tampered, Optional.empty(), "was changed, or is protected by another key");
        assertRefused(good.replace("K0AD", "K0AB"), Optional.empty(), "was changed, or is protected by another key");
        String others = block("00".repeat(32), new Tr31Header("K0", "A", "D", "00", 'N', List.of()));
        assertRefused(others, Optional.empty(), "was changed, or is protected by another key");
        assertRefused(good.substring(0, 40), Optional.empty(), "as many characters as it says");
        assertRefused(good, Optional.of("123456"), "not 123456");
        for (String kc : List.of("0100000000", "01", "", "00123456", "99123456")) {
            assertRefused(
                    block(KBPK, new Tr31Header("K0", "A", "D", "00", 'N', List.of(new OptionalBlock("KC", kc)))),
                    Optional.empty(),
                    "block KC");
        }
    }

    @Test
    void aKeyForOpcBecomesTheObjectThatTheHostReadsThrough() {
        String good = block(KBPK, new Tr31Header("K0", "A", "B", "00", 'E', List.of()));
        new KeyBlocks(there.ceremony()).receive("from-kiln", Purpose.OPC, "acme", good, Optional.empty());
        try (Session session = there.openAs(Ck.CKU_USER)) {
            assertThat(KeyRing.find(session, Ck.CKO_SECRET_KEY, "from-kiln/opc"))
                    .isPresent();
            assertThat(KeyRing.find(session, Ck.CKO_SECRET_KEY, "from-kiln")).isEmpty();
        }
    }

    @Test
    void noBlockIsMadeOfAKeyThatTheTokenHoldsOrUnderAWeakerOrMissingKey() throws Exception {
        KeyBlocks blocks = new KeyBlocks(here.ceremony());
        blocks.generateFor("acme-out", 16, "acme");
        assertThatThrownBy(() -> blocks.generateFor("acme-out", 16, "acme")).hasMessageContaining("already");
        assertThatThrownBy(() -> blocks.generateFor("SK-1", 32, "acme")).hasMessageContaining("cannot label");
        assertThatThrownBy(() -> blocks.generateFor("other", 32, "nobody"))
                .hasMessageContaining("no key block protection key 'nobody'");
        blocks.destroyProtectionKey("acme");
        protect(here, KBPK.substring(0, 32));
        assertThatThrownBy(() -> blocks.generateFor("other", 32, "acme")).hasMessageContaining("make a shorter key");
        try (Session session = here.openAs(Ck.CKU_USER)) {
            assertThat(KeyRing.find(session, Ck.CKO_SECRET_KEY, "other")).isEmpty();
        }
    }

    @Test
    void theProtectionKeyComputesMacsAndNothingElseAndTheAuditNamesIt() {
        try (Session session = here.openAs(Ck.CKU_USER);
                Arena arena = Arena.ofConfined()) {
            long kbpk = KeyRing.find(session, Ck.CKO_SECRET_KEY, "kbpk/acme").orElseThrow();
            long sk = KeyRing.find(session, Ck.CKO_SECRET_KEY, "SK-1").orElseThrow();
            MemorySegment block = arena.allocate(64);
            assertRefusedByToken(() -> session.encrypt(Mechanism.of(Ckm.AES_ECB), kbpk, block, 16, block));
            assertRefusedByToken(() -> session.decrypt(Mechanism.of(Ckm.AES_ECB), kbpk, block, 16, block));
            assertRefusedByToken(
                    () -> session.deriveKey(Mechanism.aesEcbData(new byte[16]), kbpk, KeyPolicy.derivedReadable(16)));
            assertRefusedByToken(() -> session.wrapKey(ScratchToken.profile().aesKeyWrap(), sk, kbpk, block));
            assertRefusedByToken(() -> session.wrapKey(
                    ScratchToken.profile().aesKeyWrap(),
                    kbpk,
                    session.generateKey(Mechanism.of(Ckm.AES_KEY_GEN), new KeyPolicy(false).newSubscriberKey(16)),
                    block));
            assertRefusedByToken(() -> session.setAttributes(
                    kbpk, Template.builder().with(Cka.ENCRYPT, true).build()));
            assertThat(session.getAttribute(kbpk, Cka.VALUE, block)).isEqualTo(Ck.UNAVAILABLE);
            List<Finding> findings = new KeyAudit(LocalDate.of(2026, 11, 24), Set.of(1)).run(session);
            assertThat(findings).contains(new Finding(Rule.KEY_BLOCKS_ON_HOST, "kbpk/acme"));
            assertThat(findings).noneMatch(finding -> finding.rule().severity() == KeyAudit.Severity.VIOLATION);
        }
    }

    private static void assertRefusedByToken(Runnable call) {
        assertThatThrownBy(call::run).isInstanceOf(Pkcs11Exception.class);
    }

    private void assertRefused(String block, Optional<String> kcv, String why) {
        KeyBlocks blocks = new KeyBlocks(there.ceremony());
        assertThatThrownBy(() -> blocks.receive("from-kiln", Purpose.KI, "acme", block, kcv))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining(why);
        try (Session session = there.openAs(Ck.CKU_USER)) {
            assertThat(KeyRing.find(session, Ck.CKO_SECRET_KEY, "from-kiln")).isEmpty();
        }
    }

    private static String block(String kbpkHex, Tr31Header header) {
        try (Arena arena = Arena.ofConfined();
                Secret kbpk = secret(arena, kbpkHex);
                Secret key = secret(arena, "00112233445566778899aabbccddeeff")) {
            return Tr31.wrap(kbpk, header, key);
        }
    }

    private static Secret secret(Arena arena, String hex) {
        byte[] octets = HexFormat.of().parseHex(hex);
        return Secret.copyOf(arena.allocateFrom(ValueLayout.JAVA_BYTE, octets), octets.length);
    }
}
