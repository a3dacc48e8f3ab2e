package org.kiln.transfer.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BerReaderTest {

    @Test
    void definiteAndIndefiniteElementsAreWalked() throws IOException {
        BerReader ber = ber("30 80 02 01 05 A0 03 04 01 AA 00 00");
        ber.enter(BerReader.SEQUENCE);
        assertThat(ber.element(BerReader.INTEGER, 10)).containsExactly(2, 1, 5);
        ber.enter(BerReader.context(0));
        assertThat(ber.octets(BerReader.OCTET_STRING).readAllBytes()).containsExactly(0xAA);
        assertThat(ber.peek()).isEqualTo(BerReader.END);
        ber.leave();
        ber.leave();
        ber.end();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80 03 010203",
                "80 81 03 010203",
                "80 84 00000003 010203",
                "A0 07 04 01 01 04 02 0203",
                "A0 80 04 01 01 04 00 24 80 04 01 02 00 00 24 05 24 03 04 01 03 00 00"
            })
    void octetStringsComeInOnePieceOrInSegments(String hex) throws IOException {
        BerReader ber = ber("30 80" + hex + "00 00");
        ber.enter(BerReader.SEQUENCE);

        assertThat(ber.octets(0x80).readAllBytes()).containsExactly(1, 2, 3);
        ber.leave();
        ber.end();
    }

    @ParameterizedTest
    @ValueSource(strings = {"A0 06 04 01 01 04 03 020304", "A0 80 02 01 01 00 00", "A0 80 04 80 01 00 00"})
    void brokenSegmentsAreRefused(String hex) throws IOException {
        InputStream octets = ber(hex).octets(0x80);

        assertThatThrownBy(octets::readAllBytes).isInstanceOf(EnvelopeException.NotCms.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "30 03 04 02 01", // more than its holder
                "30 02 04 80", // primitive without length
                "30 02 04 84 FFFFFFFF", // length outside its holder
                "30 8A 00000000000000000000", // length of ten octets
                "30 88 FFFFFFFFFFFFFFFF", // negative length
                "30 80 00 01", // wrong end-of-contents
                "30 06 3F FF FF FF FF FF 00" // tag number without end
            })
    void brokenEncodingsAreRefused(String hex) {
        assertThatThrownBy(() -> ber(hex).element(BerReader.SEQUENCE, 1000))
                .isInstanceOf(EnvelopeException.NotCms.class);
    }

    @Test
    void hugeElementsNeverReachMemory() {
        InputStream claimed = new ByteArrayInputStream(HexFormat.of().parseHex("31847FFFFFFF"));
        InputStream endless = new ByteArrayInputStream(HexFormat.of().parseHex("3180"));

        assertThatThrownBy(() ->
                        new BerReader(new SequenceInputStream(claimed, new Endless())).element(BerReader.SET, 1 << 20))
                .isInstanceOf(EnvelopeException.NotCms.class)
                .hasMessageContaining("bound");
        assertThatThrownBy(() ->
                        new BerReader(new SequenceInputStream(endless, new Endless())).element(BerReader.SET, 1 << 20))
                .isInstanceOf(EnvelopeException.NotCms.class)
                .hasMessageContaining("bound");
    }

    @Test
    void deepNestingIsRefused() {
        assertThatThrownBy(() -> ber("3180".repeat(100_000)).element(BerReader.SET, 1 << 20))
                .isInstanceOf(EnvelopeException.NotCms.class)
                .hasMessageContaining("too deep");
        assertThatThrownBy(
                        () -> ber("A080" + "2480".repeat(100_000)).octets(0x80).readAllBytes())
                .isInstanceOf(EnvelopeException.NotCms.class)
                .hasMessageContaining("too deep");
    }

    private static BerReader ber(String hex) {
        return new BerReader(new ByteArrayInputStream(HexFormat.of().parseHex(hex.replace(" ", ""))));
    }

    /** OCTET STRINGs of one octet, for ever. */
    private static final class Endless extends InputStream {

        private int position;

        @Override
        public int read() {
            return switch (position++ % 3) {
                case 0 -> 4;
                case 1 -> 1;
                default -> 0xFF;
            };
        }
    }
}
