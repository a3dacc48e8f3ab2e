package org.kiln.personalisation.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.FieldDevice;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.personalisation.identity.IdentityRequest;
import org.kiln.personalisation.identity.SealedPackage;
import org.kiln.personalisation.identity.TestMaker;

/** A data folder whose node issues identities, a maker it trusts, and the people who ask. */
final class IdentityNode {

    static final String API = "/personalisation/v1";
    static final String IDENTITIES = API + "/identities";
    static final String NETWORK = "5G:mnc001.mcc001.3gppnetwork.org";

    private final Path folder;
    private final Path data;
    private final TestMaker maker = new TestMaker("Meters", Instant.now());

    IdentityNode(Path folder) throws Exception {
        this.folder = folder;
        data = folder.resolve("data");
        KilnProcess.succeed("init", "--data", data.toString());
        maker.writeAuthority(data.resolve("pki/meters-ca.pem"));
        maker.writeCrl(
                data.resolve("pki/meters.crl"),
                Instant.now().minusSeconds(60),
                Instant.now().plus(Duration.ofDays(30)));
        Path configuration = data.resolve("kiln.yaml");
        String text = Files.readString(configuration);
        Files.writeString(
                configuration,
                text.replace(
                        "  - {name: acme, role: \"card-vendor:acme\"}",
                        "  - {name: acme, role: \"card-vendor:acme\"}\n"
                                + "  - {name: fleet, role: \"identity-broker:fleet\"}\n"
                                + "  - {name: rival, role: \"identity-broker:rival\"}\n"
                                + "  - {name: smdp, role: \"recipient:smdp\"}"));
        Files.writeString(configuration, """

                identities:
                  oneTimeKey: host
                  confirmHours: 24
                  fallbackHours: 72
                  makers:
                    - {name: meters, certificate: pki/meters-ca.pem, crl: pki/meters.crl}
                """, StandardOpenOption.APPEND);
        LabAuthority authority = LabAuthority.open(data.resolve("pki"));
        for (String name : new String[] {"acme", "fleet", "rival", "smdp"}) {
            authority.newClient(name);
        }
    }

    TestMaker maker() {
        return maker;
    }

    /** Has the maker's authority list these certificates as revoked, and no others, in a list that is good until then. */
    void listRevoked(Instant until, X509Certificate... revoked) {
        maker.writeCrl(data.resolve("pki/meters.crl"), Instant.now().minus(Duration.ofDays(2)), until, revoked);
    }

    Path data() {
        return data;
    }

    /** One number of the node's database: {@code select} and {@code what}. */
    long count(String what) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("kiln.db"));
                ResultSet row = connection.createStatement().executeQuery("select " + what)) {
            row.next();
            return row.getLong(1);
        }
    }

    KilnProcess up() throws IOException {
        return KilnProcess.up(folder.resolve("kiln.log"), "--data", data.toString(), "--port", "0");
    }

    ApiClient client(KilnProcess kiln, String name) {
        Path pki = data.resolve("pki");
        return new ApiClient(
                URI.create("https://" + kiln.https()), pki.resolve("ca.pem"), LabAuthority.client(pki, name));
    }

    /** Enters the ranges and publishes the profile of the examples. */
    void stock(KilnProcess kiln) throws Exception {
        try (ApiClient operator = client(kiln, "operator");
                ApiClient approver = client(kiln, "approver")) {
            operator.post(API + "/profiles", example("profile-m2m-embedded.yaml"));
            approver.act(API + "/profiles/m2m-embedded/1/publish");
            for (JsonNode range : example("numbers.yaml")) {
                operator.post(API + "/number-ranges", range);
            }
        }
    }

    private static JsonNode example(String name) throws IOException {
        return new ObjectMapper(new YAMLFactory()).readTree(Files.readString(Path.of("..", "examples", name)));
    }

    void certify(FieldDevice device) {
        device.certify(TestMaker.pem(
                maker.certify(device.id(), device.publicKey(), Instant.now().minusSeconds(60))));
    }

    static IdentityRequest request(FieldDevice device, String nonce, String replaces) {
        return device.request(
                new FieldDevice.Wish(nonce, "laboratory", "m2m-embedded", "lab-iccid", "lab-imsi", replaces, null));
    }

    X509Certificate signer() throws Exception {
        try (InputStream in = Files.newInputStream(data.resolve("pki/signing.pem"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    /** Asks, fetches, installs, confirms; returns what the device has then. */
    FieldDevice.Installed exchange(ApiClient broker, FieldDevice device, IdentityRequest request) throws Exception {
        return exchange(broker, device, request, installed -> {});
    }

    /** @param before is told what the device has before it confirms */
    FieldDevice.Installed exchange(
            ApiClient broker, FieldDevice device, IdentityRequest request, Consumer<FieldDevice.Installed> before)
            throws Exception {
        String path =
                IDENTITIES + "/" + broker.post(IDENTITIES, request).path("id").asText();
        SealedPackage sealed = FieldDevice.sealed(broker.get(path + "/package"));
        FieldDevice.Installed installed = device.install(sealed, signer(), request.nonce());
        before.accept(installed);
        broker.post(
                path + "/confirmation",
                device.confirmation(path.substring(IDENTITIES.length() + 1), request.nonce(), sealed.sha256()));
        return installed;
    }

    static JsonNode vector(ApiClient network, String supi) throws Exception {
        return network.post(
                        "/nudm-ueau/v1/" + supi + "/security-information/generate-auth-data",
                        Map.of("servingNetworkName", NETWORK, "ausfInstanceId", UUID.randomUUID()))
                .path("authenticationVector");
    }

    static void tellSuccess(ApiClient network, String supi) throws Exception {
        network.post(
                "/nudm-ueau/v1/" + supi + "/auth-events",
                Map.of(
                        "nfInstanceId",
                        UUID.randomUUID(),
                        "success",
                        true,
                        "timeStamp",
                        Instant.now().toString(),
                        "authType",
                        "5G_AKA",
                        "servingNetworkName",
                        NETWORK));
    }
}
