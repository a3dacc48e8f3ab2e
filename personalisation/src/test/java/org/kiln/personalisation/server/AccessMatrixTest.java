package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyStore;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.auc.v1.Auc;
import org.kiln.auc.v1.VectorKind;
import org.kiln.auc.v1.VectorRequest;
import org.kiln.kms.access.Role;
import org.kiln.kms.api.RouteContract;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;

/** Every operation of every listener, called as every role, as somebody who is certified and not known, and as nobody. */
class AccessMatrixTest {

    private static final Path OPEN_API = Path.of("..", "docs", "openapi");
    private static final String GRPC = "GRPC ";
    private static final String GSUP = "GSUP ";
    private static final String GRPC_SERVICE = "/kiln.auc.v1.AuthenticationCentre/";
    private static final String STRANGER = "stranger";
    private static final String ABROAD = "abroad";
    private static final String SUPI = "imsi-001019999999999";
    private static final int GREETING_OCTETS = 20;

    @TempDir
    private static Path folder;

    private static Path pki;
    private static KilnProcess kiln;
    private static final Map<String, SSLContext> CONTEXTS = new TreeMap<>();
    private static final Map<String, HttpClient> CLIENTS = new TreeMap<>();

    @BeforeAll
    static void open() throws Exception {
        String data = folder.resolve("data").toString();
        KilnProcess.succeed("init", "--data", data);
        pki = Path.of(data, "pki");
        Path configuration = Path.of(data, "kiln.yaml");
        String text =
                Files.readString(configuration).replaceFirst("(?s)\ncallers:\n.*?\n\n", "\n" + callers() + "\n\n");
        Files.writeString(
                configuration,
                text.replace("  enabled: false", "  enabled: true")
                        .replace("  port: 4222\n  tls: false", "  port: 0\n  tls: true"));
        Files.writeString(configuration, """

                identities:
                  oneTimeKey: host
                  confirmHours: 24
                  fallbackHours: 72
                  makers:
                    - {name: meters, certificate: pki/ca.pem, crl: ""}
                """, StandardOpenOption.APPEND);
        for (String name :
                Stream.concat(roles().stream(), Stream.of(STRANGER, ABROAD)).toList()) {
            LabAuthority.open(pki).newClient(name + "-1");
            CONTEXTS.put(name, ApiClient.tls(pki.resolve("ca.pem"), LabAuthority.client(pki, name + "-1")));
            CLIENTS.put(name, client(CONTEXTS.get(name)));
        }
        kiln = KilnProcess.up(folder.resolve("kiln.log"), "--data", data, "--port", "0");
    }

    @AfterAll
    static void close() {
        CLIENTS.values().forEach(HttpClient::close);
        kiln.close();
    }

    private static HttpClient client(SSLContext context) {
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static Set<String> roles() {
        return Stream.of(Role.values()).map(Role::label).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String callers() {
        StringBuilder callers = new StringBuilder("callers:\n");
        for (Role role : Role.values()) {
            callers.append("  - {name: %s-1, role: \"%s%s\"}\n"
                    .formatted(
                            role.label(),
                            role.label(),
                            role.isPartners() ? ":acme" : role == Role.HLR ? ":001-01" : ""));
        }
        return callers + "  - {name: abroad-1, role: [\"hlr:262-01\", \"udm:262-02\", \"provisioner:262-01\"]}";
    }

    private static Map<String, Set<String>> table() throws IOException {
        try (var in = AccessMatrixTest.class.getResourceAsStream("/access-matrix.txt")) {
            Map<String, Set<String>> table = new LinkedHashMap<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (!line.startsWith("#")) {
                    String[] parts = line.split(" +: +", 2);
                    table.put(parts[0], new TreeSet<>(Set.of(parts[1].split(" "))));
                }
            }
            return table;
        }
    }

    /** The table has every operation there is, and the descriptions say the same of each. */
    @Test
    void theTableIsWhole() throws Exception {
        Map<String, Set<String>> described = new TreeMap<>();
        for (String file : new String[] {"kiln-auc.yaml", "kiln-personalisation.yaml"}) {
            RouteContract contract = new RouteContract(OPEN_API.resolve(file));
            contract.operations().forEach(operation -> described.put(operation, contract.roles(operation)));
        }
        Map<String, Set<String>> table = new TreeMap<>(table());
        Set<String> calls = table.keySet().stream()
                .filter(operation -> operation.startsWith(GRPC))
                .map(operation -> operation.substring(GRPC.length()))
                .collect(Collectors.toSet());
        assertThat(calls)
                .isEqualTo(Auc.getDescriptor().getServices().getFirst().getMethods().stream()
                        .map(method -> method.getName())
                        .collect(Collectors.toSet()));
        assertThat(table.get(GSUP + "SendAuthInfo")).containsExactly("hlr");
        table.keySet().removeIf(operation -> operation.startsWith(GRPC) || operation.startsWith(GSUP));
        assertThat(table).isEqualTo(described);
        table.values().forEach(roles -> assertThat(roles()).containsAll(roles));
    }

    /** What a caller is told. */
    private record Outcome(int status, String cause) {}

    private static Outcome call(HttpClient client, String operation, String supi) throws Exception {
        String[] methodAndPath = operation.split(" ", 2);
        boolean grpc = operation.startsWith(GRPC);
        HttpRequest.Builder request = grpc
                ? HttpRequest.newBuilder(at(GRPC_SERVICE + methodAndPath[1]))
                        .header("content-type", "application/grpc")
                        .header("te", "trailers")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(vectorRequest(supi)))
                : HttpRequest.newBuilder(at(methodAndPath[1]
                                .replace("{hssAuthType}", "eps-aka")
                                .replaceAll("\\{(supiOrSuci|supi|ueId)}", supi)
                                .replaceAll("\\{[^}]*}", "1")))
                        .header("content-type", "application/json")
                        .method(methodAndPath[0], HttpRequest.BodyPublishers.ofString("{}"));
        HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        boolean problem = answer.headers().firstValue("content-type").orElse("").equals("application/problem+json");
        JsonNode body = problem && answer.body().length > 0
                ? new ObjectMapper().readTree(answer.body())
                : new ObjectMapper().createObjectNode();
        return new Outcome(answer.statusCode(), body.path("cause").asText());
    }

    private static URI at(String path) {
        return URI.create("https://" + kiln.https() + path);
    }

    private static byte[] vectorRequest(String supi) {
        byte[] message = VectorRequest.newBuilder()
                .setSupi(supi)
                .setKind(VectorKind.VECTOR_KIND_UMTS)
                .build()
                .toByteArray();
        byte[] framed = new byte[5 + message.length];
        framed[4] = (byte) message.length;
        System.arraycopy(message, 0, framed, 5, message.length);
        return framed;
    }

    /** Whether the port speaks to him at all. */
    private static boolean speaksGsup(SSLContext context) throws IOException {
        String[] place = kiln.gsup().split(":", -1);
        try (Socket socket = context.getSocketFactory().createSocket(place[0], Integer.parseInt(place[1]))) {
            return socket.getInputStream().readNBytes(GREETING_OCTETS).length == GREETING_OCTETS;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void everyOperationAsEveryRole() throws Exception {
        for (Map.Entry<String, Set<String>> row : table().entrySet()) {
            for (String role : roles()) {
                boolean may = row.getValue().contains(role);
                String who = row.getKey() + " as " + role;
                if (row.getKey().startsWith(GSUP)) {
                    assertThat(speaksGsup(CONTEXTS.get(role))).as(who).isEqualTo(may);
                    continue;
                }
                Outcome outcome = call(CLIENTS.get(role), row.getKey(), SUPI);
                boolean isHead = row.getKey().startsWith("HEAD ");
                if (may) {
                    assertThat(outcome.status()).as(who).isNotIn(401, 403, 405, 429, 500, 503);
                } else {
                    assertThat(outcome).as(who).isEqualTo(new Outcome(403, isHead ? "" : "ROLE_NEEDED"));
                }
            }
        }
    }

    @Test
    void everyOperationAsSomebodyNobodyKnows() throws Exception {
        for (String operation : table().keySet()) {
            if (operation.startsWith(GSUP)) {
                assertThat(speaksGsup(CONTEXTS.get(STRANGER))).isFalse();
            } else {
                assertThat(call(CLIENTS.get(STRANGER), operation, SUPI))
                        .as(operation)
                        .isEqualTo(new Outcome(401, operation.startsWith("HEAD ") ? "" : "CALLER_UNKNOWN"));
            }
        }
    }

    /** Where a subscriber is named, one of another network is refused. */
    @Test
    void everySubscriberOfAnotherNetwork() throws Exception {
        for (String operation : table().keySet()) {
            if (operation.contains("{supi") || operation.contains("{ueId")) {
                assertThat(call(CLIENTS.get(ABROAD), operation, SUPI))
                        .as(operation)
                        .isEqualTo(new Outcome(403, "FOREIGN_SUBSCRIBER"));
            }
        }
        assertThat(call(
                                CLIENTS.get(ABROAD),
                                "POST /nudm-ueau/v1/{supiOrSuci}/security-information/generate-auth-data",
                                "imsi-262029999999999")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void whoShowsNoCertificateIsNotSpokenTo() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", LabAuthority.readCertificate(pki.resolve("ca.pem")));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext nobody = SSLContext.getInstance("TLSv1.3");
        nobody.init(null, trust.getTrustManagers(), null);
        assertThat(speaksGsup(nobody)).isFalse();
        try (HttpClient client = client(nobody)) {
            for (String operation : table().keySet()) {
                if (!operation.startsWith(GSUP)) {
                    assertThatThrownBy(() -> call(client, operation, SUPI))
                            .as(operation)
                            .isInstanceOf(IOException.class);
                }
            }
        }
    }
}
