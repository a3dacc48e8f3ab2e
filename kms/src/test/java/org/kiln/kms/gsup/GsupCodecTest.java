package org.kiln.kms.gsup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.VectorRequest;
import org.kiln.kms.gsup.GsupException.BrokenStream;
import org.kiln.kms.gsup.GsupException.WrongMessage;
import org.kiln.kms.sqn.IndRange;

/** GSUP against octets that Osmocom's own programs exchange, and against noise. */
class GsupCodecTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final String IMSI = "010821436587092143f5";
    private static final String RAND = "0102030405060708090a0b0c0d0e0f10";

    private final long seed = Long.getLong("kiln.seed", new Random().nextLong());
    private final Random random = new Random(seed);

    private static GsupMessage message(String hex) {
        return new GsupMessage(HEX.parseHex(hex));
    }

    private static VectorRequest request(String hex) {
        return message(hex).vectorRequest(VectorKind.UmtsAka.UMTS);
    }

    private static String hex(Buffer frame) {
        return HEX.formatHex(frame.getBytes());
    }

    @Test
    void readsWhatLibosmocoreWrites() {
        VectorRequest plain = request("08" + IMSI + "0a0101");
        assertThat(plain.supi().value()).isEqualTo("imsi-123456789012345");
        assertThat(plain.count()).isEqualTo(5);
        assertThat(plain.domain()).isEqualTo(IndRange.Domain.PACKET_SWITCHED);
        assertThat(plain.resynchronisation()).isEmpty();
        assertThat(request("08" + IMSI + "5201010a0101").count()).isEqualTo(1);
        assertThat(request("08" + IMSI + "52010a0a0101").count()).isEqualTo(5);
        assertThat(request("08" + IMSI + "280102").domain()).isEqualTo(IndRange.Domain.CIRCUIT_SWITCHED);
        var failure = request("08" + IMSI + "260e0102030405060708090a0b0c0d0e" + "2010" + RAND)
                .resynchronisation()
                .orElseThrow();
        assertThat(HEX.formatHex(failure.auts())).isEqualTo("0102030405060708090a0b0c0d0e");
        assertThat(HEX.formatHex(failure.rand())).isEqualTo(RAND);
        assertThat(message("08" + IMSI + "2a0103").isForEps()).isTrue();
        assertThat(message("08" + IMSI + "2a0102").isForEps()).isFalse();
    }

    @Test
    void writesTheTripletsThatLibosmocoreReads() {
        AuthenticationVector first = new AuthenticationVector.Gsm(
                HEX.parseHex(RAND), HEX.parseHex("21222324"), HEX.parseHex("3132333435363738"));
        AuthenticationVector second = new AuthenticationVector.Gsm(
                HEX.parseHex("8182838485868788898a8b8c8d8e8f90"),
                HEX.parseHex("a1a2a3a4"),
                HEX.parseHex("b1b2b3b4b5b6b7b8"));
        assertThat(hex(GsupAnswer.result(message("08" + IMSI), List.of(first, second))))
                .isEqualTo(GsupPeer.frame("0a" + IMSI + "0322" + "2010" + RAND + "210421222324" + "22083132333435363738"
                        + "0322" + "20108182838485868788898a8b8c8d8e8f90" + "2104a1a2a3a4" + "2208b1b2b3b4b5b6b7b8"));
        assertThat(((AuthenticationVector.Gsm) second).kc()).containsOnly(0);
    }

    /** The answer that OsmoMSC's tests take from an HLR, SRES and Kc included: those are c2 and c3 of the quintuplet. */
    @Test
    void writesTheQuintupletThatOsmoMscTakes() {
        AuthenticationVector vector = new AuthenticationVector.Umts(
                HEX.parseHex("0f1feb1623e1bf626334e37ec448ac18"),
                HEX.parseHex("02a83f62e9470000660d51afc75f169d"),
                HEX.parseHex("1df5f0b4f22b696e"),
                HEX.parseHex("43ffc1cf8c89a7fd6ab94bd8d6162cbf"),
                HEX.parseHex("8a90c769b7272f3bb7a1c1fbb1ea9349"));
        String imsi = "010809710000000156f0";
        assertThat(hex(GsupAnswer.result(message("08" + imsi), List.of(vector))))
                .isEqualTo(GsupPeer.frame("0a" + imsi + "0362" + "20100f1feb1623e1bf626334e37ec448ac18" + "2104efde99da"
                        + "220814778c855c523730" + "23108a90c769b7272f3bb7a1c1fbb1ea9349"
                        + "241043ffc1cf8c89a7fd6ab94bd8d6162cbf" + "251002a83f62e9470000660d51afc75f169d"
                        + "27081df5f0b4f22b696e"));
    }

    @Test
    void anErrorRepeatsWhatTheRequestIsKnownBy() {
        String source = GsupPeer.name(0x60, "MSC-A");
        assertThat(hex(GsupAnswer.error(message("08" + IMSI), GsupCause.IMSI_UNKNOWN)))
                .isEqualTo(GsupPeer.frame("09" + IMSI + "020102"));
        assertThat(hex(GsupAnswer.error(
                        message("20" + IMSI + "3004deadbeef" + "310101" + "0a0103" + source + "35020102"),
                        GsupCause.MESSAGE_TYPE_NOT_IMPLEMENTED)))
                .isEqualTo(GsupPeer.frame(
                        "21" + IMSI + "020161" + "3004deadbeef" + "310103" + "0a0103" + GsupPeer.name(0x61, "MSC-A")));
    }

    @ParameterizedTest
    @CsvSource({
        "08, INVALID_MANDATORY_INFORMATION",
        "08010221f3, INVALID_MANDATORY_INFORMATION",
        "080108214365870921435f, INVALID_MANDATORY_INFORMATION",
        "08010821436587092143a5, INVALID_MANDATORY_INFORMATION",
        "0801092143658709214365f7, INVALID_MANDATORY_INFORMATION",
        "08010821436587092143, INVALID_MANDATORY_INFORMATION",
        "080108214365870921 43f528, INVALID_MANDATORY_INFORMATION",
        "08010821436587092143f5280103, INVALID_MANDATORY_INFORMATION",
        "08010821436587092143f528020101, INVALID_MANDATORY_INFORMATION",
        "08010821436587092143f52600, CONDITIONAL_ELEMENT_ERROR",
        "08010821436587092143f526002000, INVALID_MANDATORY_INFORMATION",
    })
    void saysWhichRequestsCannotBeTaken(String hex, GsupCause cause) {
        assertThatThrownBy(() -> request(hex.replace(" ", "")))
                .isInstanceOfSatisfying(
                        WrongMessage.class, e -> assertThat(e.gsupCause()).isEqualTo(cause));
    }

    @Test
    void everyImsiComesBackAsItWas() {
        for (int length = 5; length <= 15; length++) {
            String digits = random.ints(length, 0, 10)
                    .collect(StringBuilder::new, StringBuilder::append, StringBuilder::append)
                    .toString();
            assertThat(request("08" + GsupPeer.imsi(digits)).supi().value()).isEqualTo("imsi-" + digits);
        }
    }

    @Test
    void framesAreTheSameInWhateverPiecesTheyCome() {
        StringBuilder stream = new StringBuilder();
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            byte[] message = new byte[1 + random.nextInt(IpaFrame.LARGEST - 1)];
            random.nextBytes(message);
            sent.add(HEX.formatHex(message));
            stream.append(GsupPeer.frame(sent.getLast()));
        }
        byte[] octets = HEX.parseHex(stream);
        List<String> seen = new ArrayList<>();
        IpaDecoder decoder = new IpaDecoder(frame -> seen.add(HEX.formatHex(((IpaFrame.Gsup) frame).message())));
        for (int at = 0; at < octets.length; ) {
            int end = Math.min(octets.length, at + 1 + random.nextInt(random.nextBoolean() ? 4 : 5000));
            decoder.feed(Buffer.buffer(Arrays.copyOfRange(octets, at, end)));
            at = end;
        }
        assertThat(seen).as("seed %d", seed).isEqualTo(sent);
    }

    @ParameterizedTest
    @CsvSource({"0000ee", "0801ee", "ffffee", "ffff00", "0001ff", "0001ee05", "0002ee0600", "474554"})
    void aStreamThatIsNotGsupIsRefusedAtItsFirstFrame(String hex) {
        IpaDecoder decoder = new IpaDecoder(frame -> {});
        assertThatThrownBy(() -> decoder.feed(Buffer.buffer(HEX.parseHex(hex)))).isInstanceOf(BrokenStream.class);
    }

    @Test
    void noiseIsRefusedWithTypedErrorsOnly() {
        byte[] good = HEX.parseHex("08" + IMSI + "260e0102030405060708090a0b0c0d0e" + "2010" + RAND + "280102");
        int taken = 0;
        for (int run = 0; run < 100_000; run++) {
            byte[] octets = good.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
            }
            octets = Arrays.copyOf(octets, 1 + random.nextInt(octets.length + 4));
            try {
                GsupMessage message = new GsupMessage(octets);
                GsupAnswer.error(message, GsupCause.NETWORK_FAILURE);
                message.isForEps();
                message.vectorRequest(VectorKind.UmtsAka.UMTS);
                taken++;
            } catch (GsupException e) {
                assertThat(e).as("seed %d", seed).isInstanceOf(WrongMessage.class);
            }
            try {
                new IpaDecoder(frame -> {}).feed(Buffer.buffer(octets));
            } catch (GsupException e) {
                assertThat(e).as("seed %d", seed).isInstanceOf(BrokenStream.class);
            }
        }
        assertThat(taken).as("seed %d", seed).isPositive();
    }
}
