package org.kiln.kms.aka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * COMP128, the XOR test algorithm and the conversions to GSM. The answers of COMP128 are those on which libosmocore
 * (through osmo-auc-gen) and the Java library pmoerenhout/comp128 agree; the XOR ones are libosmocore's.
 */
@SuppressWarnings("deprecation")
class LegacyAlgorithmsTest {

    @ParameterizedTest
    @CsvSource({
        "1, b6859e44d11f61652b53e800",
        "2, ee14ee3784eaf6d508eea800",
        "3, ee14ee3784eaf6d508eea863",
    })
    void comp128(int version, String expected) {
        MemorySegment workspace = Native.zeros(Comp128.WORKSPACE);
        MemorySegment out = Native.zeros(12);
        new Comp128(workspace)
                .compute(
                        version,
                        Native.hex("68a641914bd5af66ea6144e1e7d1bef6"),
                        Native.hex("75443bb0cac453ef0135e5b5bcaa98ee"),
                        out);
        assertThat(Native.hex(out)).isEqualTo(expected);
        assertThat(Native.hex(workspace)).as("the state is wiped").matches("0+");
    }

    @Test
    void comp128OfAnotherVersionOrKeyIsRefused() {
        Comp128 comp128 = new Comp128(Native.zeros(Comp128.WORKSPACE));
        assertThatThrownBy(() -> comp128.compute(4, Native.zeros(16), Native.zeros(16), Native.zeros(12)))
                .isInstanceOf(AkaException.WrongParameters.class);
        assertThatThrownBy(() -> comp128.compute(1, Native.zeros(32), Native.zeros(16), Native.zeros(12)))
                .isInstanceOf(AkaException.WrongKeyLength.class);
    }

    @Test
    void theXorAlgorithmAndItsAuts() {
        MemorySegment k = Native.hex("000102030405060708090a0b0c0d0e0f");
        MemorySegment rand = Native.hex("f0e0d0c0b0a090807060504030201000");
        AkaBuffer out = new AkaBuffer();
        XorAlgorithm.compute(k, rand, 0x0102030405060L, 0x8000, out, 1);
        assertThat(Native.hex(out.res(1))).isEqualTo("f0e1d2c3b4a5968778695a4b3c2d1e0f");
        assertThat(Native.hex(out.ck(1))).isEqualTo("e1d2c3b4a5968778695a4b3c2d1e0ff0");
        assertThat(Native.hex(out.ik(1))).isEqualTo("d2c3b4a5968778695a4b3c2d1e0ff0e1");
        assertThat(HexFormat.of().toHexDigits(out.ak(1), 12)).isEqualTo("c3b4a5968778");
        assertThat(Native.hex(out.mac(1))).isEqualTo("e0c1e283e4c51687");
        MemorySegment macS = Native.zeros(8);
        assertThat(XorAlgorithm.resynchronise(k, rand, 0x17 ^ 0xc3b4a5968778L, macS))
                .isEqualTo(0x17);
        assertThat(Native.hex(macS)).isEqualTo("f0e1d2c3b4b29687");
    }

    @Test
    void conversionsToGsm() {
        HexFormat hex = HexFormat.of();
        assertThat(GsmConversion.c2(hex.parseHex("a54211d5e3ba50bf"))).isEqualTo(hex.parseHex("46f8416a"));
        assertThat(GsmConversion.c2(hex.parseHex("01020304"))).isEqualTo(hex.parseHex("01020304"));
        assertThat(GsmConversion.c3(
                        hex.parseHex("b40ba9a3c58b2a05bbf0d987b21bf8cb" + "f769bcd751044604127672711c6d3441")))
                .isEqualTo(hex.parseHex("eae4be823af9a08b"));
    }

    @Test
    void milenageConstantsThatGiveTheSameTwiceAreRefused() {
        MilenageConstants.Block zero = new MilenageConstants.Block(0, 0);
        MilenageConstants.Block one = new MilenageConstants.Block(0, 1);
        assertThatThrownBy(() -> new MilenageConstants(List.of(64, 0, 32, 64, 96), List.of(zero, one, one, zero, one)))
                .isInstanceOf(AkaException.WrongParameters.class)
                .hasMessageContaining("r4 and c4");
        assertThatThrownBy(() -> new MilenageConstants(List.of(128, 0, 32, 64, 96), List.of(zero, one, one, one, one)))
                .isInstanceOf(AkaException.WrongParameters.class)
                .hasMessageContaining("0 to 127");
    }
}
