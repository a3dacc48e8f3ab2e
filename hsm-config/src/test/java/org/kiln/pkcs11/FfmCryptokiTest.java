package org.kiln.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.secret.Secret;
import org.kiln.token.ScratchToken;

class FfmCryptokiTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final Mechanism ECB = Mechanism.of(Ckm.AES_ECB);

    private final Arena arena = Arena.ofConfined();
    private ScratchToken token;
    private Session session;

    @BeforeEach
    void open() {
        token = ScratchToken.create();
        session = token.openAs(Ck.CKU_USER);
    }

    @AfterEach
    void close() {
        session.close();
        arena.close();
    }

    private MemorySegment native_(String hex) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, HEX.parseHex(hex));
    }

    private static String hex(MemorySegment segment) {
        return HEX.formatHex(segment.toArray(ValueLayout.JAVA_BYTE));
    }

    private long importAes(String hex, Cka... usages) {
        Template.Builder template = Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_AES)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, false)
                .with(Cka.SENSITIVE, false)
                .with(Cka.EXTRACTABLE, true)
                .with(Cka.VALUE, native_(hex));
        for (Cka usage : usages) {
            template.with(usage, true);
        }
        return session.createObject(template.build());
    }

    @Test
    void encryptsTheFips197Example() {
        long key = importAes("000102030405060708090a0b0c0d0e0f", Cka.ENCRYPT);
        MemorySegment out = arena.allocate(16);
        assertThat(session.encrypt(ECB, key, native_("00112233445566778899aabbccddeeff"), 16, out))
                .isEqualTo(16);
        assertThat(hex(out)).isEqualTo("69c4e0d86a7b0430d8cdb78070b4c55a");
    }

    @Test
    void macsTheRfc4493Example() {
        long key = importAes("2b7e151628aed2a6abf7158809cf4f3c", Cka.SIGN);
        MemorySegment out = arena.allocate(16);
        session.sign(Mechanism.of(Ckm.AES_CMAC), key, native_("6bc1bee22e409f96e93d7e117393172a"), 16, out);
        assertThat(hex(out)).isEqualTo("070a16b46b4d4144f79bdd9dd04a287c");
    }

    @Test
    void wrapsAndUnwrapsTheRfc3394And5649Examples() {
        long kek128 = importAes("000102030405060708090a0b0c0d0e0f", Cka.WRAP, Cka.UNWRAP);
        long key = importAes("00112233445566778899aabbccddeeff", Cka.ENCRYPT);
        MemorySegment out = arena.allocate(64);
        int length = session.wrapKey(ScratchToken.profile().aesKeyWrap(), kek128, key, out);
        assertThat(hex(out.asSlice(0, length))).isEqualTo("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");

        long kek192 = importAes("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8", Cka.WRAP, Cka.UNWRAP);
        MemorySegment wrapped = native_("138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a");
        long unwrapped = session.unwrapKey(
                ScratchToken.profile().aesKeyWrapPadded(),
                kek192,
                wrapped,
                32,
                Template.builder()
                        .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                        .with(Cka.KEY_TYPE, Ck.CKK_GENERIC_SECRET)
                        .with(Cka.TOKEN, false)
                        .with(Cka.PRIVATE, false)
                        .with(Cka.SENSITIVE, false)
                        .with(Cka.EXTRACTABLE, true)
                        .build());
        MemorySegment value = arena.allocate(20);
        assertThat(session.getAttribute(unwrapped, Cka.VALUE, value)).isEqualTo(20);
        assertThat(hex(value)).isEqualTo("c37b7e6492584340bed12207808941155068f738");
    }

    @Test
    void namesTheFunctionAndTheReturnCode() {
        assertThatThrownBy(() -> session.destroyObject(987654)).isInstanceOfSatisfying(Pkcs11Exception.class, e -> {
            assertThat(e.function()).isEqualTo("C_DestroyObject");
            assertThat(e.ckr()).isEqualTo(Ckr.OBJECT_HANDLE_INVALID);
            assertThat(e).hasMessage("C_DestroyObject answered CKR_OBJECT_HANDLE_INVALID (0x82)");
        });
    }

    @Test
    void aBufferTooSmallIsReportedAndLeavesTheSessionUsable() {
        long key = importAes("000102030405060708090a0b0c0d0e0f", Cka.ENCRYPT);
        MemorySegment in = native_("00112233445566778899aabbccddeeff");
        assertThatThrownBy(() -> session.encrypt(ECB, key, in, 16, arena.allocate(8)))
                .isInstanceOfSatisfying(
                        Pkcs11Exception.class, e -> assertThat(e.ckr()).isEqualTo(Ckr.BUFFER_TOO_SMALL));
        assertThat(session.encrypt(ECB, key, in, 16, arena.allocate(16))).isEqualTo(16);
    }

    @Test
    void aWrongPinIsAPinError() {
        session.logout();
        try (Secret wrong = Secret.takeFrom("not-the-pin".toCharArray())) {
            assertThatThrownBy(() -> session.login(Ck.CKU_USER, wrong))
                    .isInstanceOfSatisfying(Pkcs11Exception.class, e -> {
                        assertThat(e.ckr()).isEqualTo(Ckr.PIN_INCORRECT);
                        assertThat(e.ckr().kind()).isEqualTo(Ckr.Kind.PIN);
                        assertThat(e.getMessage()).doesNotContain("not-the-pin");
                    });
        }
    }

    @Test
    void findsWhatItMadeAndNothingElse() {
        for (int i = 0; i < 100; i++) {
            importAes("000102030405060708090a0b0c0d0e0f", Cka.ENCRYPT);
        }
        Template aes = Template.builder().with(Cka.KEY_TYPE, Ck.CKK_AES).build();
        assertThat(session.findObjects(aes)).hasSize(100).doesNotHaveDuplicates();
        assertThat(session.findObjects(Template.builder().label("nobody").build()))
                .isEmpty();
    }

    @Test
    void randomComesFromTheToken() {
        MemorySegment one = arena.allocate(32);
        MemorySegment two = arena.allocate(32);
        session.generateRandom(one);
        session.generateRandom(two);
        assertThat(hex(one)).isNotEqualTo(hex(two));
    }

    @Test
    void aMissingModuleIsNamed(@TempDir Path folder) throws Exception {
        Path missing = folder.resolve("libnothing.so");
        assertThatThrownBy(() -> FfmCryptoki.load(missing))
                .isInstanceOf(ModuleLoadException.class)
                .hasMessageContaining("libnothing.so")
                .hasMessageContaining("there is no such file");
        Path text = Files.writeString(folder.resolve("text.so"), "not a library");
        assertThatThrownBy(() -> FfmCryptoki.load(text))
                .isInstanceOf(ModuleLoadException.class)
                .hasMessageContaining("no shared library");
    }
}
