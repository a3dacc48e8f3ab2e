package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.personalisation.demo.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;

/** SIGKILL in the middle of a batch, several times: the next start finishes it, with every card once. */
class KilledBatchTest {

    private static final int CARDS = 600;
    private static final int KILLS = 3;

    @TempDir
    private Path folder;

    private String data;

    private KilnProcess up() throws Exception {
        return KilnProcess.up(folder.resolve("kiln.log"), "--data", data, "--port", "0");
    }

    private ApiClient client(KilnProcess kiln) {
        Path pki = Path.of(data, "pki");
        return new ApiClient(
                URI.create("https://" + kiln.https()), pki.resolve("ca.pem"), LabAuthority.client(pki, "operator"));
    }

    private ObjectNode order() throws Exception {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(3072);
        Path pem = folder.resolve("rsa.pem");
        Files.writeString(
                pem,
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(
                                        rsa.generateKeyPair().getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");
        KilnProcess.succeed(
                "transport-key",
                "create",
                "--data",
                data,
                "--label",
                "acme-out",
                "--partner",
                "acme",
                "--for",
                pem.toString(),
                "--out",
                folder.resolve("acme.key").toString());
        ObjectNode order = (ObjectNode) new ObjectMapper(new YAMLFactory())
                .readTree(Files.readString(Path.of("..", "examples", "order-milenage-uicc.yaml")));
        LabAuthority authority = LabAuthority.open(Path.of(data, "pki"));
        return order.put("quantity", CARDS)
                .put("idempotencyKey", "killed-1")
                .put(
                        "deliveryCertificate",
                        Files.readString(authority.newClient("delivery").certificate(), StandardCharsets.US_ASCII));
    }

    private long count(String what) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + Path.of(data, "kiln.db"));
                ResultSet row = connection.createStatement().executeQuery("select " + what)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void finishesTheBatchAfterEachKill() throws Exception {
        data = folder.resolve("data").toString();
        KilnProcess.succeed("init", "--data", data);
        ObjectNode order = order();
        Random random = new Random();
        String id = "";
        long before = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            try (KilnProcess kiln = up();
                    ApiClient client = client(kiln)) {
                id = client.post("/personalisation/v1/orders", order).path("id").asText();
                long target = Math.min(CARDS - 100, before + 50 + random.nextInt(100));
                JsonNode state = client.get("/personalisation/v1/orders/" + id);
                while (state.path("made").asLong() < target) {
                    state = client.get("/personalisation/v1/orders/" + id);
                }
                kiln.kill();
            }
            long made = count("count(*) from card");
            assertThat(made).isGreaterThanOrEqualTo(before);
            before = made;
        }
        try (KilnProcess kiln = up();
                ApiClient client = client(kiln)) {
            JsonNode state = client.get("/personalisation/v1/orders/" + id);
            while (state.path("state").asText().equals("GENERATING")) {
                state = client.get("/personalisation/v1/orders/" + id);
            }
            assertThat(state.path("state").asText()).isEqualTo("READY");
            assertThat(state.path("made").asInt()).isEqualTo(CARDS);
            assertThat(client.post("/personalisation/v1/orders", order)
                            .path("id")
                            .asText())
                    .isEqualTo(id);
        }
        assertThat(count("count(*) from card")).isEqualTo(CARDS);
        assertThat(count("count(distinct iccid) from card")).isEqualTo(CARDS);
        assertThat(count("count(distinct imsi) from card")).isEqualTo(CARDS);
        assertThat(count("max(position) from card")).isEqualTo(CARDS - 1);
        assertThat(count("count(*) from subscriber")).isEqualTo(CARDS);
        assertThat(Path.of(data, "batches", id + ".kiln")).exists();
    }
}
