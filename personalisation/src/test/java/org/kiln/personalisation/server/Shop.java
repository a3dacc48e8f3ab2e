package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.store.StoreLocation;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.keyblock.TransportKeyFile;

/** A data folder in which cards can be ordered, and the people who do. */
final class Shop {

    static final String API = "/personalisation/v1";
    static final String ORDERS = API + "/orders";
    private static final Path EXAMPLES = Path.of("..", "examples");

    private static final int MOST_ATTEMPTS = 1_000;

    private final Path folder;
    private final String data;
    private final StoreLocation store;

    /** Prepares {@code folder/data}, with a transport key of vendor acme and certificates of all callers. */
    Shop(Path folder) throws Exception {
        this.folder = folder;
        data = folder.resolve("data").toString();
        KilnProcess.succeed("init", "--data", data);
        store = ScratchDatabase.in(Path.of(data));
        if (store instanceof StoreLocation.PostgreSql postgreSql) {
            useStore(postgreSql);
        }
        transportKey("acme-out", "acme");
        authority().newClient("acme");
        authority().newClient("delivery");
    }

    private void useStore(StoreLocation.PostgreSql postgreSql) throws IOException {
        Files.writeString(
                Path.of(data, "pins", "store.password"), postgreSql.password().orElseThrow() + "\n");
        Files.writeString(
                Path.of(data, "kiln.yaml"),
                """

                store:
                  url: %s
                  user: %s
                  passwordFile: pins/store.password
                  connections: 8
                """.formatted(postgreSql.url(), postgreSql.user()),
                StandardOpenOption.APPEND);
    }

    String data() {
        return data;
    }

    /** The verb that moves the store to a database. */
    String[] migration(StoreLocation.PostgreSql to, String... more) {
        List<String> command = new ArrayList<>(List.of(
                "store",
                "migrate",
                "--from",
                data,
                "--to",
                to.url(),
                "--user",
                to.user(),
                "--password-file",
                "pins/store.password",
                "--connections",
                "8"));
        command.addAll(List.of(more));
        return command.toArray(String[]::new);
    }

    private LabAuthority authority() {
        return LabAuthority.open(Path.of(data, "pki"));
    }

    /** Makes an outgoing transport key and returns it as its recipient has it. */
    SecretKey transportKey(String label, String partner) throws Exception {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(3072);
        KeyPair recipient = rsa.generateKeyPair();
        Path pem = folder.resolve(label + ".pem");
        Files.writeString(
                pem,
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(recipient.getPublic().getEncoded())
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
        TransportKeyFile file = TransportKeyFile.read(folder.resolve(label + ".key"));
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        boolean sha1 = file.wrapping() == TransportKeyFile.Wrapping.RSA_OAEP_SHA1;
        oaep.init(
                Cipher.DECRYPT_MODE,
                recipient.getPrivate(),
                new OAEPParameterSpec(
                        sha1 ? "SHA-1" : "SHA-256",
                        "MGF1",
                        sha1 ? MGF1ParameterSpec.SHA1 : MGF1ParameterSpec.SHA256,
                        PSource.PSpecified.DEFAULT));
        return new SecretKeySpec(oaep.doFinal(file.wrappedOctets()), "AES");
    }

    /** Makes a token for master keys in the node's SoftHSM folder, as its administrator would, and names it in kiln.yaml. */
    void addToken(String label, String pin) throws Exception {
        Path hsm = Path.of(data, "hsm");
        ProcessBuilder util = new ProcessBuilder(
                        "softhsm2-util",
                        "--init-token",
                        "--free",
                        "--label",
                        label,
                        "--so-pin",
                        "so-" + pin,
                        "--pin",
                        pin)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("softhsm2-util.log").toFile());
        util.environment().put("SOFTHSM2_CONF", hsm.resolve("softhsm2.conf").toString());
        if (util.start().waitFor() != 0) {
            throw new IOException(Files.readString(folder.resolve("softhsm2-util.log")));
        }
        Files.writeString(Path.of(data, "pins", label + ".pin"), pin + "\n");
        Path yaml = Path.of(data, "kiln.yaml");
        Files.writeString(
                yaml,
                Files.readString(yaml)
                        .replace(
                                "  masters: []",
                                "  masters: [{token: " + label + ", module: same, environment: {}, userPinFile: pins/"
                                        + label + ".pin}]"));
    }

    /** Lets more people call; before the service starts. Each has a certificate then. */
    void admit(String name, String role) throws IOException {
        Path yaml = Path.of(data, "kiln.yaml");
        Files.writeString(
                yaml,
                Files.readString(yaml)
                        .replace("callers:\n", "callers:\n  - {name: " + name + ", role: \"" + role + "\"}\n"));
        authority().newClient(name);
    }

    /** A caller's certificate and key, as somebody who signs and decrypts with them. */
    Identity identity(String name) throws Exception {
        LabAuthority.ClientIdentity files = LabAuthority.client(Path.of(data, "pki"), name);
        try (PEMParser key = new PEMParser(Files.newBufferedReader(files.key()));
                InputStream certificate = Files.newInputStream(files.certificate())) {
            return Identity.inMemory(
                    new JcaPEMKeyConverter().getPrivateKey((PrivateKeyInfo) key.readObject()),
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(certificate));
        }
    }

    /** Kiln's certificate, with which files are signed. */
    X509Certificate signer() throws Exception {
        try (InputStream in = Files.newInputStream(Path.of(data, "pki", "signing.pem"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    KilnProcess up(String... virtualMachine) throws IOException {
        return KilnProcess.up(
                List.of(virtualMachine),
                folder.resolve("kiln.log"),
                "--data",
                data,
                "--port",
                "0",
                "--lab",
                "--lab-port",
                "0");
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

    /** A caller's certificate in PEM. */
    String certificate(String name) throws IOException {
        return Files.readString(
                LabAuthority.client(Path.of(data, "pki"), name).certificate(), StandardCharsets.US_ASCII);
    }

    /** The example's order, of {@code quantity} cards. */
    ObjectNode order(String key, int quantity) throws IOException {
        return ((ObjectNode) example("order-milenage-uicc.yaml"))
                .put("quantity", quantity)
                .put("idempotencyKey", key)
                .put("deliveryCertificate", certificate("delivery"));
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

    long count(String what) {
        try (Database database = Database.open(store)) {
            return database.read(connection -> {
                try (ResultSet row = connection.createStatement().executeQuery("select " + what)) {
                    row.next();
                    return row.getLong(1);
                }
            });
        }
    }

    /**
     * Has what SQLite's log holds written to the database and the log's file cut off, which whoever reads or writes just then
     * can keep it from; it is asked for again until it is done.
     */
    void cutLog() {
        try (Database database = Database.open(store)) {
            for (int attempt = 0; !database.read(Shop::isLogCut); attempt++) {
                assertThat(attempt).as("others keep the log in use").isLessThan(MOST_ATTEMPTS);
            }
        }
    }

    private static boolean isLogCut(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet busy = statement.executeQuery("pragma wal_checkpoint(truncate)")) {
            busy.next();
            return busy.getInt(1) == 0;
        }
    }

    /** Changes the database behind the service's back. */
    void tamper(String statement) {
        try (Database database = Database.open(store)) {
            database.write(connection -> connection.createStatement().executeUpdate(statement));
        }
    }

    /** Whether an order's file for a partner is on disk. */
    boolean hasFile(String id, String partner) {
        return Files.exists(Path.of(data, "batches", id + "." + partner + ".kiln"));
    }
}
