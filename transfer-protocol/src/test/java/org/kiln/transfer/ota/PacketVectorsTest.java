package org.kiln.transfer.ota;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kiln.pkcs11.Cka;

/** Packets that pySim's tests hold against cards, made in one token and opened in another. */
class PacketVectorsTest {

    private static OtaToken platform;
    private static OtaToken card;

    @BeforeAll
    static void open() {
        platform = new OtaToken();
        card = new OtaToken();
    }

    @AfterAll
    static void close() {
        platform.close();
        card.close();
    }

    record Vector(
            String name,
            PacketAlgorithm algorithm,
            int version,
            String kic,
            String kid,
            boolean ciphered,
            boolean checksum,
            String response,
            String tar,
            String data,
            String packet) {

        PacketKeys keys(OtaToken token, Cka kicRight) {
            return token.keys(algorithm, version, kic, kid, 8, kicRight);
        }

        Command command() {
            return new Command(
                    new SecurityParameters(
                            SecurityParameters.CounterCheck.NONE,
                            ciphered,
                            checksum,
                            HexFormat.fromHexDigits(response)),
                    Tar.of(tar),
                    0,
                    HexFormat.of().parseHex(data));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Vector> vectors() throws Exception {
        ObjectMapper json = new ObjectMapper();
        try (InputStream in = PacketVectorsTest.class.getResourceAsStream("/ota/pysim-commands.json")) {
            JsonNode commands = json.readTree(Objects.requireNonNull(in)).path("commands");
            return StreamSupport.stream(commands.spliterator(), false)
                    .map(node -> json.convertValue(node, Vector.class))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void theSamePacketIsMade(Vector vector) {
        byte[] packet = new PacketSealer(platform.session, vector.keys(platform, Cka.ENCRYPT)).seal(vector.command());

        assertThat(HexFormat.of().formatHex(packet)).isEqualTo(vector.packet());
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void theirPacketIsOpened(Vector vector) throws Exception {
        SecurityParameters least =
                new SecurityParameters(SecurityParameters.CounterCheck.NONE, vector.ciphered(), vector.checksum(), 0);
        PacketOpener opener = new PacketOpener(card.session, vector.keys(card, Cka.DECRYPT), least, 0);

        assertThat(opener.open(HexFormat.of().parseHex(vector.packet()))).isEqualTo(vector.command());
    }
}
