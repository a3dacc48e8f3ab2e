package org.kiln.kms.aka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Known answers of TS 35.232 and 35.233, and one iteration against SHAKE256. */
class TuakTest {

    private static final HexFormat HEX = HexFormat.of();

    private final MemorySegment workspace = Native.zeros(Tuak.WORKSPACE);
    private final Tuak tuak = new Tuak(workspace);

    static Stream<JsonNode> sets() throws Exception {
        try (InputStream in = TuakTest.class.getResourceAsStream("/vectors/tuak.json")) {
            JsonNode sets = new ObjectMapper().readTree(in).get("sets");
            return StreamSupport.stream(sets.spliterator(), false);
        }
    }

    private static TuakParameters parameters(JsonNode set) {
        return new TuakParameters(
                set.get("iterations").asInt(),
                new AkaSizes(
                        set.path("len_mac").asInt(8),
                        set.path("len_res").asInt(8),
                        set.path("len_ck").asInt(16),
                        set.path("len_ik").asInt(16)));
    }

    private static String text(JsonNode set, String field, String otherwise) {
        return set.path(field).asText(otherwise);
    }

    @ParameterizedTest
    @MethodSource("sets")
    void knownAnswers(JsonNode set) {
        tuak.with(parameters(set));
        MemorySegment k = Native.hex(set.get("k").asText());
        MemorySegment topc = Native.zeros(32);
        tuak.topc(k, Native.hex(set.get("top").asText()), topc);
        assertThat(Native.hex(topc)).isEqualTo(set.get("topc").asText());

        MemorySegment rand = Native.hex(set.get("rand").asText());
        long sqn = HexFormat.fromHexDigitsToLong(text(set, "sqn", "000000000000"));
        AkaBuffer out = new AkaBuffer();
        tuak.compute(k, topc, rand, sqn, HexFormat.fromHexDigits(text(set, "amf", "0000")), out, 3);
        int asked = 0;
        asked += compare(set, "f1", Native.hex(out.mac(3)));
        asked += compare(set, "f2", Native.hex(out.res(3)));
        asked += compare(set, "f3", Native.hex(out.ck(3)));
        asked += compare(set, "f4", Native.hex(out.ik(3)));
        asked += compare(set, "f5", HEX.toHexDigits(out.ak(3), 12));
        MemorySegment macS = Native.zeros(parameters(set).sizes().mac());
        long akStar = tuak.resynchronise(k, topc, rand, 0, macS);
        asked += compare(set, "f5star", HEX.toHexDigits(akStar, 12));
        assertThat(asked).isPositive();
        assertThat(Native.hex(workspace)).as("the state is wiped").matches("0+");
    }

    private static int compare(JsonNode set, String function, String found) {
        if (!set.has(function)) {
            return 0;
        }
        assertThat(found).as(function).isEqualTo(set.get(function).asText());
        return 1;
    }

    @Test
    void oneIterationIsShake256() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int run = 0; run < 500; run++) {
            byte[] k = octets(random, random.nextBoolean() ? 16 : 32);
            byte[] topc = octets(random, 32);
            byte[] rand = octets(random, 16);
            byte[] sqn = octets(random, 6);
            byte[] amf = octets(random, 2);
            int macLength = 8 << random.nextInt(3);
            TuakParameters chosen = new TuakParameters(1, new AkaSizes(macLength, 32, 32, 32));
            AkaBuffer out = new AkaBuffer();
            tuak.with(chosen)
                    .compute(
                            Native.of(k),
                            Native.of(topc),
                            Native.of(rand),
                            HexFormat.fromHexDigitsToLong(HEX.formatHex(sqn)),
                            HexFormat.fromHexDigits(HEX.formatHex(amf)),
                            out,
                            0);
            int longKey = k.length == 32 ? 1 : 0;
            byte[] f1 = shake256(topc, macLength | longKey, rand, amf, sqn, k);
            byte[] rest = shake256(topc, 0x40 | 0x20 | 6 | longKey, rand, new byte[2], new byte[6], k);
            assertThat(Native.hex(out.mac(0))).as("seed %d", seed).isEqualTo(reversed(f1, 0, macLength));
            assertThat(Native.hex(out.res(0))).as("seed %d", seed).isEqualTo(reversed(rest, 0, 32));
            assertThat(Native.hex(out.ck(0))).as("seed %d", seed).isEqualTo(reversed(rest, 32, 32));
            assertThat(Native.hex(out.ik(0))).as("seed %d", seed).isEqualTo(reversed(rest, 64, 32));
            assertThat(HEX.toHexDigits(out.ak(0), 12)).as("seed %d", seed).isEqualTo(reversed(rest, 96, 6));
        }
    }

    private static byte[] octets(Random random, int count) {
        byte[] octets = new byte[count];
        random.nextBytes(octets);
        return octets;
    }

    private static byte[] shake256(byte[] topc, int instance, byte[] rand, byte[] amf, byte[] sqn, byte[] k) {
        SHAKEDigest shake = new SHAKEDigest(256);
        absorb(shake, topc);
        shake.update((byte) instance);
        absorb(shake, "TUAK1.0".getBytes(StandardCharsets.US_ASCII));
        absorb(shake, rand);
        absorb(shake, amf);
        absorb(shake, sqn);
        absorb(shake, k);
        shake.update(new byte[32 - k.length], 0, 32 - k.length);
        byte[] out = new byte[102];
        shake.doFinal(out, 0, out.length);
        return out;
    }

    private static void absorb(SHAKEDigest shake, byte[] octets) {
        for (int i = octets.length - 1; i >= 0; i--) {
            shake.update(octets[i]);
        }
    }

    private static String reversed(byte[] octets, int from, int length) {
        StringBuilder hex = new StringBuilder();
        for (int i = from + length - 1; i >= from; i--) {
            HEX.toHexDigits(hex, octets[i]);
        }
        return hex.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "0,8,8,16,16",
        "256,8,8,16,16",
        "1,4,8,16,16",
        "1,8,12,16,16",
        "1,8,64,16,16",
        "1,8,8,24,16",
        "1,8,8,16,8"
    })
    void sizesThatTuakDoesNotHaveAreRefused(int iterations, int mac, int res, int ck, int ik) {
        assertThatThrownBy(() -> new TuakParameters(iterations, new AkaSizes(mac, res, ck, ik)))
                .isInstanceOf(AkaException.WrongParameters.class)
                .hasMessageStartingWith("TUAK has ");
    }

    @Test
    void aKeyOfAnotherLengthIsRefusedAndNothingIsLeft() {
        assertThatThrownBy(() -> tuak.topc(Native.zeros(24), Native.zeros(32), Native.zeros(32)))
                .isInstanceOf(AkaException.WrongKeyLength.class);
        assertThat(Native.hex(workspace)).matches("0+");
    }
}
