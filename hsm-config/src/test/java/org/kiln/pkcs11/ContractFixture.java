package org.kiln.pkcs11;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.kiln.token.ScratchToken;

/** A new token for each test, its user logged in through the binding under test. */
abstract class ContractFixture {

    static final HexFormat HEX = HexFormat.of();
    static final Mechanism ECB = Mechanism.of(Ckm.AES_ECB);
    static final Mechanism CMAC = Mechanism.of(Ckm.AES_CMAC);
    static final Mechanism MAKE_AES = Mechanism.of(Ckm.AES_KEY_GEN);

    /** FIPS 197, appendix C.1. */
    static final String KEY = "000102030405060708090a0b0c0d0e0f";

    static final byte[] P256 = HEX.parseHex("06082a8648ce3d030107");

    static final String PLAIN = "00112233445566778899aabbccddeeff";
    static final String CIPHER = "69c4e0d86a7b0430d8cdb78070b4c55a";

    static final Template SECRET_AES = Template.builder()
            .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
            .with(Cka.KEY_TYPE, Ck.CKK_AES)
            .with(Cka.TOKEN, false)
            .build();

    static final Template READABLE = SECRET_AES.toBuilder()
            .with(Cka.PRIVATE, false)
            .with(Cka.SENSITIVE, false)
            .with(Cka.EXTRACTABLE, true)
            .build();

    /** What Kiln's key-encrypting keys force on what they unwrap. */
    static final Template HIDDEN = Template.builder()
            .with(Cka.SENSITIVE, true)
            .with(Cka.WRAP_WITH_TRUSTED, true)
            .build();

    final Arena arena = Arena.ofConfined();
    Cryptoki cryptoki;
    ScratchToken token;
    Session session;

    /** The binding under test. */
    abstract Cryptoki load(Path module);

    @BeforeEach
    void open() {
        cryptoki = load(ScratchToken.profile().findModule());
        token = ScratchToken.create();
        session = openAs(Ck.CKU_USER);
    }

    @AfterEach
    void close() {
        session.close();
        arena.close();
    }

    final Session openAs(long userType) {
        Session opened = cryptoki.openSession(token.slot(), true);
        try (var pin = userType == Ck.CKU_SO ? ScratchToken.soPin() : ScratchToken.userPin()) {
            opened.login(userType, pin);
        }
        return opened;
    }

    /** Puts another in the user's place; login belongs to the process, so to every session with the token. */
    final void become(long userType) {
        session.logout();
        try (var pin = userType == Ck.CKU_SO ? ScratchToken.soPin() : ScratchToken.userPin()) {
            session.login(userType, pin);
        }
    }

    final MemorySegment octets(String hex) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, HEX.parseHex(hex));
    }

    static String hex(MemorySegment segment, long length) {
        return HEX.formatHex(segment.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }

    static String hex(MemorySegment segment) {
        return hex(segment, segment.byteSize());
    }

    final long importAes(String hex, Cka... usages) {
        return session.createObject(
                with(READABLE, usages).toBuilder().with(Cka.VALUE, octets(hex)).build());
    }

    static Template with(Template template, Cka... flags) {
        Template.Builder builder = template.toBuilder();
        Arrays.stream(flags).forEach(flag -> builder.with(flag, true));
        return builder.build();
    }

    final String encrypted(long key, String plain) {
        return encrypted(session, key, plain);
    }

    static String encrypted(Session session, long key, String plain) {
        try (Arena call = Arena.ofConfined()) {
            byte[] in = HEX.parseHex(plain);
            MemorySegment out = call.allocate(in.length);
            int length = session.encrypt(ECB, key, call.allocateFrom(ValueLayout.JAVA_BYTE, in), in.length, out);
            return hex(out, length);
        }
    }

    /** The attribute's octets; null where it is unavailable. */
    final String attribute(long object, Cka type) {
        MemorySegment out = arena.allocate(512);
        long length = session.getAttribute(object, type, out);
        return length == Ck.UNAVAILABLE ? null : hex(out, length);
    }

    static void refused(String function, Ckr code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(Pkcs11Exception.class)
                .hasMessage(function + " answered CKR_" + code + " (0x" + Long.toHexString(code.code()) + ")");
    }
}
