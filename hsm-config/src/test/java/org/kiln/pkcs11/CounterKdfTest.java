package org.kiln.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.token.CompiledModule;
import org.kiln.token.ScratchToken;
import org.kiln.token.TokenModule;

/** NIST's vectors for the KDF in counter mode, through the structures of PKCS#11, on two modules that read them. */
class CounterKdfTest {

    private static final List<Path> NSS = List.of(
            Path.of("/usr/lib/x86_64-linux-gnu/libsoftokn3.so"),
            Path.of("/usr/lib/aarch64-linux-gnu/libsoftokn3.so"),
            Path.of("/usr/lib64/libsoftokn3.so"));

    @TempDir
    private Path folder;

    @Test
    @SuppressWarnings("try") // the login is the process's
    void nistsVectorsComeOutOfAModuleOverSoftHsm() throws Exception {
        Path module = CompiledModule.compile(folder, "sp800-108");
        ScratchToken token = ScratchToken.create();
        try (Session login = token.openAs(Ck.CKU_USER);
                Session session = new TokenModule(Binding.FFM, module, Map.of())
                        .cryptoki()
                        .openSession(token.slot(), true)) {
            check(session);
        }
    }

    @Test
    void nistsVectorsComeOutOfTheTokenOfNss() throws Exception {
        Path softoken = NSS.stream().filter(Files::exists).findFirst().orElse(Path.of("none"));
        assumeTrue(Files.exists(softoken), "needs libsoftokn3.so of NSS, which is not installed (Debian: libnss3)");
        Path module = CompiledModule.compile(folder, "nss", "SOFTOKEN=\"" + softoken + '"');
        Cryptoki cryptoki = new TokenModule(Binding.FFM, module, Map.of()).cryptoki();
        long slot = cryptoki.tokens().stream()
                .filter(token -> token.label().contains("Crypto"))
                .findFirst()
                .orElseThrow()
                .slot();
        try (Session session = cryptoki.openSession(slot, true)) {
            check(session);
        }
    }

    @Test
    void theIaikWrapperSaysThatItCannot() {
        ScratchToken token = ScratchToken.create(Binding.IAIK);
        try (Session session = token.openAs(Ck.CKU_USER);
                Arena arena = Arena.ofConfined()) {
            long key = session.createObject(base(arena.allocate(16)));
            Mechanism kdf = Mechanism.counterKdf(new byte[] {1}, new byte[] {2});
            assertThatThrownBy(() -> session.deriveKey(kdf, key, derived(16)))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("hsm.binding to ffm");
        }
    }

    @Test
    void softHsmItselfRefuses() {
        ScratchToken token = ScratchToken.create();
        try (Session session = token.openAs(Ck.CKU_USER);
                Arena arena = Arena.ofConfined()) {
            long key = session.createObject(base(arena.allocate(16)));
            Mechanism kdf = Mechanism.counterKdf(new byte[] {1}, new byte[] {2});
            assertThatThrownBy(() -> session.deriveKey(kdf, key, derived(16)))
                    .isInstanceOfSatisfying(
                            Pkcs11Exception.class, e -> assertThat(e.ckr()).isEqualTo(Ckr.MECHANISM_INVALID));
        }
    }

    private static void check(Session session) throws Exception {
        JsonNode vectors = new ObjectMapper()
                .readTree(CounterKdfTest.class.getResourceAsStream("/vectors/sp800-108-counter-cmac-aes.json"))
                .path("vectors");
        assertThat(vectors).hasSizeGreaterThan(90);
        for (JsonNode vector : vectors) {
            Mechanism kdf = new Mechanism(
                    Ckm.SP800_108_COUNTER_KDF,
                    new Mechanism.CounterKdf(
                            Ckm.AES_CMAC, vector.path("counterBits").asInt(), octets(vector, "fixedInput"), 0));
            byte[] expected = octets(vector, "output");
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_BYTE, octets(vector, "key"));
                long key = session.createObject(base(value));
                long made = session.deriveKey(kdf, key, derived(expected.length));
                MemorySegment out = arena.allocate(expected.length);
                assertThat(session.getAttribute(made, Cka.VALUE, out)).isEqualTo(expected.length);
                assertThat(out.toArray(ValueLayout.JAVA_BYTE))
                        .as(vector.toString())
                        .isEqualTo(expected);
                session.destroyObject(made);
                session.destroyObject(key);
            }
        }
    }

    private static byte[] octets(JsonNode vector, String member) {
        return HexFormat.of().parseHex(vector.path(member).asText());
    }

    private static Template base(MemorySegment value) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_AES)
                .with(Cka.TOKEN, false)
                .with(Cka.DERIVE, true)
                .with(Cka.VALUE, value)
                .build();
    }

    private static Template derived(int octets) {
        return Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_GENERIC_SECRET)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, false)
                .with(Cka.SENSITIVE, false)
                .with(Cka.EXTRACTABLE, true)
                .with(Cka.VALUE_LEN, (long) octets)
                .build();
    }
}
