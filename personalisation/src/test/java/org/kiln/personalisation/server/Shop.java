package org.kiln.personalisation.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.Base64;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;

/** A data folder in which cards can be ordered, and the people who do. */
final class Shop {

    static final String API = "/personalisation/v1";
    static final String ORDERS = API + "/orders";
    private static final Path EXAMPLES = Path.of("..", "examples");

    private final Path folder;
    private final String data;

    /** Prepares {@code folder/data}, with a transport key of vendor acme and certificates of all callers. */
    Shop(Path folder) throws Exception {
        this.folder = folder;
        data = folder.resolve("data").toString();
        KilnProcess.succeed("init", "--data", data);
        transportKey("acme-out", "acme");
        authority().newClient("acme");
        authority().newClient("delivery");
    }

    String data() {
        return data;
    }

    private LabAuthority authority() {
        return LabAuthority.open(Path.of(data, "pki"));
    }

    /** Makes an outgoing transport key; whoever gets it, it is thrown away here. */
    void transportKey(String label, String partner) throws Exception {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(3072);
        Path pem = folder.resolve(label + ".pem");
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
                label,
                "--partner",
                partner,
                "--for",
                pem.toString(),
                "--out",
                folder.resolve(label + ".key").toString());
    }

    KilnProcess up() throws IOException {
        return KilnProcess.up(folder.resolve("kiln.log"), "--data", data, "--port", "0", "--lab", "--lab-port", "0");
    }

    /** A client with a caller's certificate. */
    ApiClient client(KilnProcess kiln, String name) {
        Path pki = Path.of(data, "pki");
        return new ApiClient(
                URI.create("https://" + kiln.https()), pki.resolve("ca.pem"), LabAuthority.client(pki, name));
    }

    static JsonNode example(String name) throws IOException {
        return new ObjectMapper(new YAMLFactory()).readTree(Files.readString(EXAMPLES.resolve(name)));
    }

    /** Enters the ranges of the examples and publishes a profile of them. */
    void stock(KilnProcess kiln, String profile) throws Exception {
        try (ApiClient operator = client(kiln, "operator");
                ApiClient approver = client(kiln, "approver")) {
            JsonNode version = operator.post(API + "/profiles", example(profile));
            approver.act(
                    API + "/profiles/" + version.path("profile").path("name").asText() + "/"
                            + version.path("version").asInt() + "/publish");
            for (JsonNode range : example("numbers.yaml")) {
                operator.post(API + "/number-ranges", range);
            }
        }
    }

    /** Certificate of acme's deliveries, in PEM. */
    String deliveryCertificate() throws IOException {
        return Files.readString(
                LabAuthority.client(Path.of(data, "pki"), "delivery").certificate(), StandardCharsets.US_ASCII);
    }

    /** The example's order, of {@code quantity} cards. */
    ObjectNode order(String key, int quantity) throws IOException {
        return ((ObjectNode) example("order-milenage-uicc.yaml"))
                .put("quantity", quantity)
                .put("idempotencyKey", key)
                .put("deliveryCertificate", deliveryCertificate());
    }

    /** Posts an order as the vendor and approves it; returns its id. */
    String ordered(KilnProcess kiln, ObjectNode order) throws Exception {
        try (ApiClient acme = client(kiln, "acme");
                ApiClient approver = client(kiln, "approver")) {
            String id = acme.post(ORDERS, order).path("id").asText();
            if (acme.get(ORDERS + "/" + id).path("state").asText().equals("REQUESTED")) {
                approver.act(ORDERS + "/" + id + "/approve");
            }
            return id;
        }
    }

    /** Waits until an order is no longer being made; returns what it has become. */
    JsonNode settled(KilnProcess kiln, String id) throws Exception {
        try (ApiClient acme = client(kiln, "acme")) {
            acme.watch(ORDERS + "/" + id + "/progress", event -> {});
            return acme.get(ORDERS + "/" + id);
        }
    }

    long count(String what) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + Path.of(data, "kiln.db"));
                ResultSet row = connection.createStatement().executeQuery("select " + what)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Whether an order's file for a partner is on disk. */
    boolean hasFile(String id, String partner) {
        return Files.exists(Path.of(data, "batches", id + "." + partner + ".kiln"));
    }
}
