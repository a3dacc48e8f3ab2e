package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.TestCard;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.Usim;
import org.kiln.personalisation.demo.KilnProcess;

/** Cards whose keys the test knows, of subscribers whom it has imported: a third with each scheme of sequence numbers. */
final class KnownCards {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] TRANSPORT = HEX.parseHex("5a".repeat(32));
    private static final List<String> SCHEMES = List.of("TIME_BASED", "NON_TIME_BASED", "GENERAL");

    private KnownCards() {}

    /** A card, and what it has seen; one caller at a time asks for it, as for a card. */
    static final class Card {

        private final String supi;
        private final TestCard keys;
        private final Usim usim = new Usim(new Sqn(5), Sqn.DELTA, 0);
        private final Set<Long> seen = new HashSet<>();

        private Card(int number) {
            supi = "imsi-001018%09d".formatted(number);
            keys = new TestCard(value(number, 'k'), value(number, 'o'));
        }

        String supi() {
            return supi;
        }

        /** Vectors that the card was sent so far. */
        int vectors() {
            return seen.size();
        }

        /** A request for EPS vectors at a node's listener without TLS. */
        HttpRequest request(String lab, int count) {
            return HttpRequest.newBuilder(URI.create("http://" + lab + "/nudm-ueau/v1/" + supi
                            + "/hss-security-information/eps-aka/generate-av"))
                    .header("content-type", "application/json")
                    .timeout(Duration.ofSeconds(20))
                    .POST(HttpRequest.BodyPublishers.ofString("{\"hssAuthType\":\"EPS_AKA\",\"numOfRequestedVectors\":"
                            + count + ",\"servingNetworkId\":{\"mcc\":\"001\",\"mnc\":\"01\"}}"))
                    .build();
        }

        /**
         * Takes the vectors of an answer.
         *
         * @param lost whether they never reach the card
         * @return what is wrong with them; empty if nothing is
         */
        List<String> take(String answer, int count, boolean lost) throws IOException {
            JsonNode vectors = JSON.readTree(answer).path("hssAuthenticationVectors");
            List<String> wrong = new ArrayList<>();
            if (vectors.size() != count) {
                wrong.add(vectors.size() + " vectors in the place of " + count);
            }
            for (JsonNode each : vectors) {
                long sqn = keys.sqn(vector(each));
                if (sqn < 0) {
                    wrong.add("a wrong MAC");
                } else if (!seen.add(sqn)) {
                    wrong.add("an SQN twice: " + sqn + " of " + supi);
                } else if (!lost && !usim.accept(sqn)) {
                    wrong.add("refused: " + sqn + " of " + supi);
                }
            }
            return wrong;
        }

        /** Is authenticated, and accepts every vector. */
        void authenticate(HttpClient client, String lab, int count) throws Exception {
            HttpResponse<String> answer = client.send(request(lab, count), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(take(answer.body(), count, false)).isEmpty();
        }

        private static AuthenticationVector vector(JsonNode each) {
            return new AuthenticationVector.Eps(
                    HEX.parseHex(each.path("rand").asText()),
                    HEX.parseHex(each.path("autn").asText()),
                    HEX.parseHex(each.path("xres").asText()),
                    HEX.parseHex(each.path("kasme").asText()));
        }
    }

    /** The body of a request for EPS vectors. */
    static String body(int count) {
        return "{\"hssAuthType\":\"EPS_AKA\",\"numOfRequestedVectors\":" + count
                + ",\"servingNetworkId\":{\"mcc\":\"001\",\"mnc\":\"01\"}}";
    }

    private static byte[] value(int number, char kind) {
        return HEX.parseHex("%02x%030x".formatted((int) kind, number));
    }

    private static String wrapped(byte[] value) throws Exception {
        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(Cipher.WRAP_MODE, new SecretKeySpec(TRANSPORT, "AES"));
        return HEX.formatHex(kwp.wrap(new SecretKeySpec(value, "AES")));
    }

    private static String component(Path file, byte[] value) throws Exception {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(value, "AES"));
        String kcv = HEX.formatHex(aes.doFinal(new byte[16]), 0, 3);
        return Files.writeString(file, HEX.formatHex(value) + "\n" + kcv + "\n").toString();
    }

    /** Imports {@code count} subscribers into a prepared data folder, with a transport key of their own. */
    static List<Card> load(Path scratch, String data, int count) throws Exception {
        byte[] ones = HEX.parseHex("01".repeat(32));
        KilnProcess.succeed(
                "transport-key",
                "import",
                "--data",
                data,
                "--label",
                "load-in",
                "--partner",
                "load",
                "--direction",
                "incoming",
                "--component",
                component(scratch.resolve("one"), TRANSPORT),
                "--component",
                component(scratch.resolve("two"), ones),
                "--component",
                component(scratch.resolve("three"), ones));
        Path file = loadFile(scratch.resolve("load.csv"), 0, count);
        KilnProcess.succeed("subscriber", "import", "--data", data, file.toString());
        return IntStream.range(0, count).mapToObj(Card::new).toList();
    }

    /** A load file of subscribers {@code from} to {@code to} - 1, under the transport key that {@link #load} has imported. */
    static Path loadFile(Path file, int from, int to) throws Exception {
        StringBuilder load = new StringBuilder("supi,algorithm,transportKey,wrapping,eki,eopc,amf,sqn,sqnScheme\n");
        for (int number = from; number < to; number++) {
            load.append(String.join(
                            ",",
                            new Card(number).supi,
                            "milenage",
                            "load-in",
                            "aes-kwp",
                            wrapped(value(number, 'k')),
                            wrapped(value(number, 'o')),
                            "8000",
                            "000000000020",
                            SCHEMES.get(number % SCHEMES.size())))
                    .append('\n');
        }
        return Files.writeString(file, load);
    }
}
