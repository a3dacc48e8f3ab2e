package org.kiln.kms.aka;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.ScratchToken;

/** Known answers of TS 35.207/35.208 and of the key derivations, each through AES in a real token. */
class MilenageOnTokenTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final String NETWORK = "5G:mnc001.mcc001.3gppnetwork.org";

    private static Session session;
    private static Arena arena;

    @BeforeAll
    static void open() {
        session = ScratchToken.create().openAs(Ck.CKU_USER);
        arena = Arena.ofConfined();
    }

    @AfterAll
    static void close() {
        session.close();
        arena.close();
    }

    static Stream<JsonNode> sets() throws Exception {
        try (InputStream in = MilenageOnTokenTest.class.getResourceAsStream("/vectors/milenage.json")) {
            JsonNode sets = new ObjectMapper().readTree(in).get("sets");
            return StreamSupport.stream(sets.spliterator(), false);
        }
    }

    private static MemorySegment nativeHex(String hex) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, HEX.parseHex(hex));
    }

    private static BlockCipher cipher(String kHex) {
        long key = session.createObject(Template.builder()
                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                .with(Cka.KEY_TYPE, Ck.CKK_AES)
                .with(Cka.TOKEN, false)
                .with(Cka.PRIVATE, false)
                .with(Cka.ENCRYPT, true)
                .with(Cka.VALUE, nativeHex(kHex))
                .build());
        return (in, length, out) -> session.encrypt(ScratchToken.profile().aesEcb(), key, in, length, out);
    }

    private static String hex(byte[] octets) {
        return HEX.formatHex(octets);
    }

    private static String hex48(long value) {
        return HEX.toHexDigits(value, 12);
    }

    @ParameterizedTest
    @MethodSource("sets")
    void f1ToF5(JsonNode set) {
        Milenage milenage = new Milenage(MilenageConstants.STANDARD);
        milenage.compute(
                cipher(set.get("k").asText()),
                nativeHex(set.get("opc").asText()),
                nativeHex(set.get("rand").asText()),
                new long[] {HexFormat.fromHexDigitsToLong(set.get("sqn").asText())},
                HexFormat.fromHexDigits(set.get("amf").asText()),
                1);
        byte[] key = new byte[16];
        assertThat(HEX.toHexDigits(milenage.macA(0))).isEqualTo(set.get("f1").asText());
        assertThat(HEX.toHexDigits(milenage.res(0))).isEqualTo(set.get("f2").asText());
        milenage.copyCk(0, key, 0);
        assertThat(hex(key)).isEqualTo(set.get("f3").asText());
        milenage.copyIk(0, key, 0);
        assertThat(hex(key)).isEqualTo(set.get("f4").asText());
        assertThat(hex48(milenage.ak(0))).isEqualTo(set.get("f5").asText());
    }

    @ParameterizedTest
    @MethodSource("sets")
    void opcFromOp(JsonNode set) {
        MemorySegment out = arena.allocate(16);
        Opc.compute(cipher(set.get("k").asText()), nativeHex(set.get("op").asText()), out);
        assertThat(hex(out.toArray(ValueLayout.JAVA_BYTE)))
                .isEqualTo(set.get("opc").asText());
    }

    private static AuthenticationVector vector(JsonNode set, VectorKind kind) {
        return new VectorGenerator()
                .generate(
                        cipher(set.get("k").asText()),
                        nativeHex(set.get("opc").asText()),
                        nativeHex(set.get("rand").asText()),
                        new long[] {HexFormat.fromHexDigitsToLong(set.get("sqn").asText())},
                        HexFormat.fromHexDigits(set.get("amf").asText()),
                        kind)
                .getFirst();
    }

    @ParameterizedTest
    @MethodSource("sets")
    void fiveGVectors(JsonNode set) {
        var vector = (AuthenticationVector.FiveGHe) vector(set, VectorKind.FiveGHeAka.of(NETWORK));
        assertThat(hex(vector.rand())).isEqualTo(set.get("rand").asText());
        assertThat(hex(vector.autn())).isEqualTo(set.get("autnSeparated").asText());
        assertThat(hex(vector.xresStar())).isEqualTo(set.get("xresStar").asText());
        assertThat(hex(vector.kausf())).isEqualTo(set.get("kausf").asText());
    }

    @ParameterizedTest
    @MethodSource("sets")
    void epsVectors(JsonNode set) {
        var vector = (AuthenticationVector.Eps) vector(set, VectorKind.EpsAka.of(new PlmnId("001", "01")));
        assertThat(hex(vector.autn())).isEqualTo(set.get("autnSeparated").asText());
        assertThat(hex(vector.xres())).isEqualTo(set.get("f2").asText());
        assertThat(hex(vector.kasme())).isEqualTo(set.get("kasme").asText());
    }

    @ParameterizedTest
    @MethodSource("sets")
    void umtsVectors(JsonNode set) {
        var vector = (AuthenticationVector.Umts) vector(set, VectorKind.UmtsAka.UMTS);
        assertThat(hex(vector.autn())).isEqualTo(set.get("autnUmts").asText());
        assertThat(hex(vector.ck())).isEqualTo(set.get("f3").asText());
        assertThat(hex(vector.ik())).isEqualTo(set.get("f4").asText());
    }

    @ParameterizedTest
    @MethodSource("sets")
    void eapAkaPrimeVectors(JsonNode set) {
        var vector = (AuthenticationVector.EapAkaPrime) vector(set, VectorKind.EapAkaPrime.of(NETWORK));
        assertThat(hex(vector.ckPrime()) + hex(vector.ikPrime()))
                .isEqualTo(set.get("ckPrimeIkPrime").asText());
    }

    @ParameterizedTest
    @MethodSource("sets")
    void autsIsReadAndAForgedOneRefused(JsonNode set) {
        byte[] auts = HEX.parseHex(set.get("auts").asText());
        BlockCipher cipher = cipher(set.get("k").asText());
        MemorySegment opc = nativeHex(set.get("opc").asText());
        MemorySegment rand = nativeHex(set.get("rand").asText());
        VectorGenerator generator = new VectorGenerator();
        assertThat(hex48(generator.verifyAuts(cipher, opc, rand, auts)))
                .isEqualTo(set.get("sqn").asText());
        for (int bit = 0; bit < 8 * auts.length; bit++) {
            byte[] forged = auts.clone();
            forged[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(generator.verifyAuts(cipher, opc, rand, forged)).isEqualTo(-1);
        }
    }

    /** The example that libosmocore's osmo-auc-gen documents. */
    @Test
    void autsOfTheOsmocomExample() {
        long sqnMs = new VectorGenerator()
                .verifyAuts(
                        cipher("eb215756028d60e3275e613320aec880"),
                        nativeHex("fb2a3d1b360f599abab99db8669f8308"),
                        nativeHex("39fa2f4e3d523d8619a73b4f65c3e14d"),
                        HEX.parseHex("979498b1f72d3e28c59fa2e72f9c"));
        assertThat(sqnMs).isEqualTo(23);
    }

    @Test
    void manyVectorsAtOnceAreEachWhatTheyWouldBeAlone() throws Exception {
        JsonNode set = sets().findFirst().orElseThrow();
        int count = Milenage.MOST_VECTORS;
        MemorySegment rands = arena.allocate(16L * count);
        session.generateRandom(rands);
        long[] sqns = new long[count];
        Arrays.setAll(sqns, i -> 1_000_000_007L * i);
        BlockCipher cipher = cipher(set.get("k").asText());
        MemorySegment opc = nativeHex(set.get("opc").asText());
        VectorGenerator generator = new VectorGenerator();
        VectorKind kind = VectorKind.EpsAka.of(new PlmnId("262", "007"));
        List<AuthenticationVector> together = generator.generate(cipher, opc, rands, sqns, 0x8000, kind);
        for (int i = 0; i < count; i++) {
            var alone = (AuthenticationVector.Eps) generator
                    .generate(cipher, opc, rands.asSlice(16L * i, 16), new long[] {sqns[i]}, 0x8000, kind)
                    .getFirst();
            var one = (AuthenticationVector.Eps) together.get(i);
            assertThat(one.autn()).isEqualTo(alone.autn());
            assertThat(one.kasme()).isEqualTo(alone.kasme());
            assertThat(one.xres()).isEqualTo(alone.xres());
        }
    }

    @Test
    void plmnIdentitiesAsInTs24301() {
        assertThat(hex(new PlmnId("001", "01").octets())).isEqualTo("00f110");
        assertThat(hex(new PlmnId("262", "007").octets())).isEqualTo("627200");
    }
}
