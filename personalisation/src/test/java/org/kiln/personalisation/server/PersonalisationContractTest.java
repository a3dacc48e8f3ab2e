package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.personalisation.identity.Refusal;
import org.kiln.transfer.recipient.BatchAcknowledger;
import org.kiln.transfer.recipient.BatchOpener;
import org.kiln.transfer.recipient.OtaUse;

/** The OpenAPI file of the personalisation API, held against {@code kiln up} as its callers reach it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PersonalisationContractTest {

    private static final String OPERATOR = "operator";
    private static final String APPROVER = "approver";
    private static final String AUDITOR = "auditor";
    private static final String ACME = "acme";
    private static final String JSON = "application/json";
    private static final String CMS = "application/cms";
    private static final String NOWHERE = "/orders/00000000-0000-0000-0000-000000000000";
    private static final int CARDS = 3;

    @TempDir
    private static Path folder;

    private static final ObjectMapper MAPPER = ContractClients.MAPPER;

    private static Shop shop;
    private static PartnerToken vendor;
    private static KilnProcess kiln;
    private static ContractClients callers;

    @BeforeAll
    static void open() throws Exception {
        shop = new Shop(folder);
        vendor = new PartnerToken(ACME);
        Path key = folder.resolve("contract.key");
        KilnProcess.succeed(
                "transport-key",
                "create",
                "--data",
                shop.data(),
                "--label",
                "contract",
                "--partner",
                ACME,
                "--for",
                vendor.publicKey(folder).toString(),
                "--out",
                key.toString());
        vendor.receive(key);
        LabAuthority.open(pki()).newClient("stranger");
        kiln = shop.up();
        callers = new ContractClients(kiln, pki(), OPERATOR, APPROVER, AUDITOR, ACME, "stranger");
    }

    @AfterAll
    static void close() {
        callers.close();
        kiln.close();
        vendor.close();
    }

    private static Path pki() {
        return Path.of(shop.data(), "pki");
    }

    private static HttpRequest.Builder to(String path) {
        return callers.to(path);
    }

    private static HttpResponse<String> call(String caller, HttpRequest.Builder request) throws Exception {
        return callers.call(caller, request);
    }

    private static JsonNode succeed(String caller, HttpRequest.Builder request) throws Exception {
        return callers.succeed(caller, request);
    }

    private static void refuse(int status, String cause, String caller, HttpRequest.Builder request) throws Exception {
        callers.refuse(status, cause, caller, request);
    }

    private static HttpRequest.Builder get(String path) {
        return callers.get(path);
    }

    private static HttpRequest.Builder act(String path) {
        return callers.act(path);
    }

    private static HttpRequest.Builder send(String method, String path, String type, byte[] body) {
        return callers.send(method, path, type, body);
    }

    private static HttpRequest.Builder post(String path, JsonNode body) throws Exception {
        return callers.post(path, body);
    }

    private static HttpRequest.Builder put(String path, JsonNode body) throws Exception {
        return callers.put(path, body);
    }

    private static ObjectNode reason() {
        return MAPPER.createObjectNode().put("reason", "tried out");
    }

    private static ObjectNode order(String key) throws Exception {
        return shop.order(key, CARDS)
                .put("transportKey", "contract")
                .put("deliveryCertificate", vendor.certificate())
                .put("dueDate", "2031-01-31");
    }

    private static String entered(String caller, String key) throws Exception {
        return succeed(caller, post("/orders", order(key))).path("id").asText();
    }

    private static ObjectNode partner(String name) throws Exception {
        return MAPPER.createObjectNode()
                .put("name", name)
                .put("transportKey", "contract")
                .put("certificate", vendor.certificate());
    }

    @Test
    @Order(1)
    void whatMustBeThereIsEnteredAndListed() throws Exception {
        ObjectNode profile = (ObjectNode) Shop.example("profile-milenage-uicc.yaml");
        succeed(OPERATOR, post("/profiles", profile));
        succeed(OPERATOR, post("/profiles", profile.deepCopy().put("name", "second")));
        refuse(409, "PROFILE_REFUSED", OPERATOR, act("/profiles/milenage-uicc/1/publish"));
        succeed(APPROVER, act("/profiles/milenage-uicc/1/publish"));
        succeed(APPROVER, act("/profiles/second/1/retire"));
        assertThat(succeed(AUDITOR, get("/profiles")).path("items")).hasSize(2);
        assertThat(succeed(AUDITOR, get("/profiles/milenage-uicc/1"))
                        .path("publishedBy")
                        .asText())
                .isEqualTo(APPROVER);

        ObjectNode formatted = partner("hlr");
        formatted.set("format", MAPPER.readTree("{\"type\": \"kiln-json\"}"));
        succeed(OPERATOR, put("/partners/hlr", formatted));
        succeed(AUDITOR, get("/partners/hlr"));
        assertThat(succeed(AUDITOR, get("/partners")).path("items")).hasSize(1);

        for (JsonNode range : Shop.example("numbers.yaml")) {
            succeed(OPERATOR, post("/number-ranges", range));
        }
        assertThat(succeed(AUDITOR, get("/number-ranges")).path("items")).isNotEmpty();
        succeed(AUDITOR, get("/signing-certificate"));
    }

    @Test
    @Order(2)
    void anOrderIsMadeFetchedAcknowledgedAndClosed() throws Exception {
        String id = entered(ACME, "life");
        String path = "/orders/" + id;
        refuse(409, "ORDER_NOT_READY", ACME, get(path + "/files/acme"));
        succeed(APPROVER, act(path + "/approve"));
        HttpResponse<String> progress = call(ACME, get(path + "/progress"));
        assertThat(progress.body()).contains("event: state\ndata: ", "\"state\":\"READY\"");
        assertThat(succeed(ACME, get(path)).path("files")).hasSize(1);
        assertThat(succeed(ACME, get("/files")).path("items")).hasSize(1);

        HttpResponse<String> described = call(ACME, to(path + "/files/acme").method("HEAD", BodyPublishers.noBody()));
        assertThat(described.headers().firstValueAsLong("content-length").orElse(0))
                .isPositive();
        HttpResponse<String> part = call(ACME, get(path + "/files/acme").header("range", "bytes=10-19"));
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).hasSize(10);
        refuse(416, "RANGE_NOT_SATISFIABLE", ACME, get(path + "/files/acme").header("range", "bytes=99999999-"));
        Path file = folder.resolve("contract.kiln");
        Files.write(file, call(ACME, get(path + "/files/acme")).body().getBytes(StandardCharsets.ISO_8859_1));

        refuse(
                400,
                "ACKNOWLEDGEMENT_REFUSED",
                ACME,
                send("POST", path + "/files/acme/acknowledgement", CMS, new byte[] {1, 2, 3}));
        BatchOpener opener = vendor.opener(signer(), OtaUse.NONE);
        byte[] answer = new BatchAcknowledger(opener, vendor.identity(), InstantSource.system())
                .answer(file, opener.verify(file))
                .file();
        succeed(ACME, send("POST", path + "/files/acme/acknowledgement", CMS, answer));
        refuse(410, "FILE_DESTROYED", ACME, get(path + "/files/acme"));
        awaitActive(path);
        succeed(APPROVER, act(path + "/close"));
        assertThat(succeed(AUDITOR, get(path + "/events")).path("items")).isNotEmpty();
        assertThat(succeed(AUDITOR, get(path + "/holdings")).path("cards").asInt())
                .isEqualTo(CARDS);
        refuse(409, "ORDER_STATE", APPROVER, act(path + "/retry"));
    }

    private static X509Certificate signer() throws Exception {
        try (InputStream in = Files.newInputStream(pki().resolve("signing.pem"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static void awaitActive(String path) throws Exception {
        for (int i = 0; i < 600; i++) {
            if (succeed(AUDITOR, get(path)).path("state").asText().equals("ACTIVE")) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError(path + " is not ACTIVE");
    }

    @Test
    @Order(3)
    void anOrderIsRejectedOrCancelledAndItsNumbersReleased() throws Exception {
        succeed(APPROVER, post("/orders/" + entered(ACME, "declined") + "/reject", reason()));
        String path = "/orders/" + entered(ACME, "given-up");
        succeed(APPROVER, act(path + "/approve"));
        call(ACME, get(path + "/progress"));
        succeed(ACME, post(path + "/cancel", reason()));
        succeed(AUDITOR, get("/number-ranges/lab-imsi"));
        String range = "/number-ranges/lab-imsi";
        String quarantined = succeed(AUDITOR, get(range + "/quarantine"))
                .path("items")
                .get(0)
                .path("first")
                .asText();
        succeed(OPERATOR, post(range + "/release", reason().put("first", quarantined)));
        refuse(409, "NUMBERS_REFUSED", OPERATOR, post(range + "/release", reason().put("first", quarantined)));
        ObjectNode numbers = reason().put("first", quarantined).put("count", 1);
        succeed(OPERATOR, post(range + "/quarantine", numbers));
        JsonNode items = succeed(AUDITOR, get(range + "/quarantine?limit=1"));
        assertThat(items.path("next").asText()).isEqualTo(quarantined);
        assertThat(succeed(AUDITOR, get(range + "/quarantine?after=" + quarantined))
                        .path("items"))
                .isEmpty();
        String used =
                succeed(AUDITOR, get(range)).path("blocks").get(0).path("first").asText();
        refuse(409, "NUMBERS_IN_USE", OPERATOR, post(range + "/quarantine", numbers.put("first", used)));
        refuse(400, "DOCUMENT_REFUSED", OPERATOR, post(range + "/quarantine", reason().put("first", used)));
        refuse(404, "RESOURCE_NOT_FOUND", OPERATOR, get("/number-ranges/nobody/quarantine"));
        refuse(400, "QUERY_REFUSED", OPERATOR, get(range + "/quarantine?limit=0"));
        JsonNode page = succeed(ACME, get("/orders?limit=1"));
        assertThat(page.path("items")).hasSize(1);
        succeed(ACME, get("/orders?after=" + page.path("next").asText()));
    }

    @Test
    @Order(4)
    void whatIsWrongIsAnsweredAsItIsListed() throws Exception {
        byte[] nothing = "{}".getBytes(StandardCharsets.UTF_8);
        refuse(401, "CALLER_UNKNOWN", "stranger", get("/orders"));
        refuse(403, "ROLE_NEEDED", AUDITOR, post("/orders", order("a")));
        refuse(403, "ROLE_NEEDED", ACME, post("/orders", order("a").put("vendor", "other")));
        refuse(403, "ROLE_NEEDED", OPERATOR, get("/files"));
        refuse(403, "SECOND_PERSON_NEEDED", OPERATOR, act("/orders/" + entered(OPERATOR, "own") + "/approve"));
        for (String method : List.of("approve", "retry", "close")) {
            refuse(404, "ORDER_NOT_FOUND", APPROVER, act(NOWHERE + "/" + method));
        }
        for (String method : List.of("reject", "cancel")) {
            refuse(404, "ORDER_NOT_FOUND", APPROVER, post(NOWHERE + "/" + method, reason()));
            refuse(400, "DOCUMENT_REFUSED", APPROVER, send("POST", NOWHERE + "/" + method, JSON, nothing));
        }
        for (String what : List.of("", "/events", "/holdings", "/progress")) {
            refuse(404, "ORDER_NOT_FOUND", AUDITOR, get(NOWHERE + what));
        }
        refuse(404, "ORDER_NOT_FOUND", ACME, get(NOWHERE + "/files/acme"));
        refuse(404, "ORDER_NOT_FOUND", ACME, get("/orders?after=" + NOWHERE.substring(8)));
        refuse(404, "ORDER_NOT_FOUND", ACME, send("POST", NOWHERE + "/files/acme/acknowledgement", CMS, new byte[] {1
        }));
        refuse(404, "ORDER_NOT_FOUND", ACME, send("PUT", NOWHERE + "/cards", CMS, new byte[] {1}));
        refuse(404, "PROFILE_NOT_FOUND", OPERATOR, get("/profiles/nobody/1"));
        refuse(404, "PROFILE_NOT_FOUND", OPERATOR, act("/profiles/nobody/1/publish"));
        refuse(404, "PROFILE_NOT_FOUND", OPERATOR, act("/profiles/nobody/1/retire"));
        refuse(404, "RESOURCE_NOT_FOUND", OPERATOR, get("/partners/nobody"));
        refuse(404, "RESOURCE_NOT_FOUND", OPERATOR, get("/number-ranges/nobody"));
        refuse(404, "RESOURCE_NOT_FOUND", OPERATOR, get("/nothing"));
        refuse(405, "METHOD_NOT_ALLOWED", OPERATOR, to("/orders").DELETE());
        refuse(400, "QUERY_REFUSED", ACME, get("/orders?limit=1001"));
        refuse(400, "DOCUMENT_REFUSED", OPERATOR, send("POST", "/profiles", JSON, nothing));
        refuse(400, "DOCUMENT_REFUSED", OPERATOR, send("POST", "/number-ranges", JSON, nothing));
        refuse(400, "DOCUMENT_REFUSED", OPERATOR, put("/partners/other", partner("another")));
        refuse(
                400,
                "ORDER_REFUSED",
                OPERATOR,
                put("/partners/hlr", partner("hlr").put("certificate", "none")));
        refuse(400, "DOCUMENT_REFUSED", ACME, post("/orders", order("wrong").put("quantity", 0)));
        refuse(400, "ORDER_REFUSED", ACME, post("/orders", order("wrong").put("transportKey", "nothing")));
        refuse(409, "NUMBERS_REFUSED", ACME, post("/orders", order("wrong").put("imsis", "nowhere")));
        refuse(409, "PROFILE_REFUSED", ACME, post("/orders", order("wrong").put("profile", "second")));
        refuse(404, "PROFILE_NOT_FOUND", ACME, post("/orders", order("wrong").put("profileVersion", 99)));
        refuse(
                409,
                "NUMBERS_REFUSED",
                OPERATOR,
                post(
                        "/number-ranges",
                        ((ObjectNode) Shop.example("numbers.yaml").path(0).deepCopy()).put("name", "again")));
        refuse(415, "UNSUPPORTED_MEDIA_TYPE", ACME, send("POST", "/orders", "text/plain", nothing));
        refuse(413, "PAYLOAD_TOO_LARGE", ACME, send("POST", "/orders", JSON, new byte[300_000]));
        String waiting = "/orders/" + entered(ACME, "waiting");
        refuse(409, "ORDER_STATE", ACME, send("PUT", waiting + "/cards", CMS, new byte[] {1}));
        refuse(415, "UNSUPPORTED_MEDIA_TYPE", ACME, send("PUT", waiting + "/cards", JSON, nothing));
        refuse(409, "ORDER_STATE", APPROVER, act(waiting + "/close"));
    }

    @Test
    @Order(5)
    void whatAVendorsBatchIsRefusedFor() throws Exception {
        String path = "/orders/"
                + succeed(ACME, post("/orders", order("vendor-makes").put("maker", "VENDOR")))
                        .path("id")
                        .asText();
        succeed(APPROVER, act(path + "/approve"));
        refuse(400, "BATCH_REFUSED", ACME, send("PUT", path + "/cards", CMS, new byte[] {1, 2, 3}));
        refuse(
                411,
                "LENGTH_REQUIRED",
                ACME,
                to(path + "/cards")
                        .header("content-type", CMS)
                        .PUT(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[] {1, 2, 3}))));
    }

    @Test
    @Order(6)
    void aDatabaseThatFailsIsAFaultOfKilns() throws Exception {
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + Path.of(shop.data(), "kiln.db"))) {
            database.createStatement().executeUpdate("alter table order_event rename to order_event_away");
            try {
                HttpResponse<String> answer = call(ACME, post("/orders", order("unlucky")));
                assertThat(answer.statusCode()).isEqualTo(500);
                assertThat(MAPPER.readTree(answer.body()).path("cause").asText())
                        .isEqualTo("SYSTEM_FAILURE");
                assertThat(answer.body()).doesNotContain("order_event");
            } finally {
                database.createStatement().executeUpdate("alter table order_event_away rename to order_event");
            }
        }
        entered(ACME, "unlucky");
    }

    @Test
    @Order(7)
    void everyOperationWasServed() {
        Set<String> missing = new TreeSet<>(callers.contract.operations());
        missing.removeAll(callers.served);
        missing.removeIf(operation -> operation.contains("/identities"));
        assertThat(missing)
                .as("these succeed in tests of their own: what failed is retried, a vendor's batch is taken in")
                .containsExactlyInAnyOrder(
                        "POST /personalisation/v1/orders/{id}/retry", "PUT /personalisation/v1/orders/{id}/cards");
        assertThat(callers.contract.causes()).containsAll(callers.causes);
        Set<String> unprovoked = new TreeSet<>(callers.contract.causes());
        unprovoked.removeAll(callers.causes);
        for (Refusal refusal : Refusal.values()) {
            assertThat(unprovoked.remove(refusal.name())).isTrue();
        }
        assertThat(unprovoked)
                .as("CongestionTest, ListenerTlsTest and FailuresTest have them")
                .containsExactly("NF_CONGESTION", "NF_CONGESTION_RISK", "ORDER_EXPIRED", "PROFILE_EXPIRED");
    }
}
