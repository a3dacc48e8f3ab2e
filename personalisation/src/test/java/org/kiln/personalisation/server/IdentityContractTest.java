package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.demo.FieldDevice;
import org.kiln.personalisation.demo.FieldDevice.WrappedFor;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.personalisation.identity.IdentityRequest;
import org.kiln.personalisation.identity.Refusal;
import org.kiln.personalisation.identity.TestMaker;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;
import org.kiln.token.ScratchToken;
import org.kiln.transfer.numbering.Eid;

/** The OpenAPI file's identities, held against {@code kiln up} as brokers, platforms and operators reach it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class IdentityContractTest {

    private static final String OPERATOR = "operator";
    private static final String FLEET = "fleet";
    private static final String PLATFORM = "smdp";
    private static final String EID = eid("42");
    private static final String NOWHERE = "/identities/" + new UUID(0, 0);
    private static final int A_DAYS_FILL = 10;

    @TempDir
    private static Path folder;

    private static IdentityNode node;
    private static PartnerToken platform;
    private static KilnProcess kiln;
    private static Session session;
    private static ContractClients callers;

    @BeforeAll
    static void open() throws Exception {
        node = new IdentityNode(folder);
        platform = new PartnerToken(PLATFORM);
        KilnProcess.succeed(
                "transport-key",
                "create",
                "--data",
                node.data().toString(),
                "--label",
                "smdp-out",
                "--partner",
                PLATFORM,
                "--for",
                platform.publicKey(folder).toString(),
                "--out",
                folder.resolve("smdp-out.key").toString());
        kiln = node.up();
        node.stock(kiln);
        session = ScratchToken.create().openAs(Ck.CKU_USER);
        callers = new ContractClients(
                kiln, node.data().resolve("pki"), OPERATOR, "approver", "auditor", FLEET, "rival", PLATFORM, "acme");
        ObjectNode esim = (ObjectNode) Shop.example("profile-m2m-embedded.yaml");
        callers.succeed(
                OPERATOR, callers.post("/profiles", esim.put("name", "esim").put("cardKind", "EUICC_PROFILE")));
        callers.succeed("approver", callers.act("/profiles/esim/1/publish"));
        callers.succeed(
                OPERATOR,
                callers.put(
                        "/partners/smdp",
                        Map.of("name", PLATFORM, "transportKey", "smdp-out", "certificate", platform.certificate())));
    }

    @AfterAll
    static void close() {
        callers.close();
        session.close();
        kiln.close();
        platform.close();
    }

    private static String eid(String last) {
        return Eid.withCheckDigits("8900101200000000000000000000" + last).digits();
    }

    private static FieldDevice device(String id, WrappedFor wrappedFor) {
        FieldDevice device = new FieldDevice(id, session, ScratchToken.profile(), wrappedFor);
        node.certify(device);
        return device;
    }

    private static String asked(FieldDevice device, IdentityRequest request) throws Exception {
        JsonNode identity = callers.succeed(FLEET, callers.post("/identities", request));
        assertThat(identity.path("deviceId").asText()).isEqualTo(device.id());
        return "/identities/" + identity.path("id").asText();
    }

    private static void refuse(int status, Refusal refusal, IdentityRequest request) throws Exception {
        callers.refuse(status, refusal.name(), FLEET, callers.post("/identities", request));
    }

    private static IdentityRequest request(FieldDevice device) {
        return IdentityNode.request(device, device.nonce(), null);
    }

    private static IdentityRequest esim(FieldDevice device, String name) {
        return device.request(
                new FieldDevice.Wish(device.nonce(), "laboratory", name, "lab-iccid", "lab-imsi", null, PLATFORM));
    }

    @Test
    @Order(1)
    void aDeviceGetsAnIdentityAndAPlatformAFragment() throws Exception {
        FieldDevice meter = device("meter-1", WrappedFor.X25519);
        IdentityRequest wish = request(meter);
        String path = asked(meter, wish);
        callers.succeed(FLEET, callers.get(path));
        assertThat(callers.succeed("auditor", callers.get("/identities?limit=5"))
                        .path("items"))
                .hasSize(1);
        JsonNode sealed = callers.succeed(FLEET, callers.get(path + "/package"));
        String id = path.substring("/identities/".length());
        callers.refuse(
                409,
                "DIGEST_MISMATCH",
                FLEET,
                callers.post(path + "/confirmation", meter.confirmation(id, wish.nonce(), "00".repeat(32))));
        callers.succeed(
                FLEET,
                callers.post(
                        path + "/confirmation",
                        meter.confirmation(
                                id, wish.nonce(), sealed.path("sha256").asText())));
        callers.refuse(409, "IDENTITY_STATE", FLEET, callers.get(path + "/package"));
        refuse(409, Refusal.NONCE_USED, wish);
        callers.succeed(OPERATOR, callers.act(path + "/authenticated"));
        assertThat(callers.succeed("auditor", callers.get(path + "/events")).path("items"))
                .isNotEmpty();
        callers.succeed(OPERATOR, callers.post(path + "/revoke", Map.of("reason", "stolen")));

        FieldDevice euicc = device(EID, WrappedFor.CERTIFIED_KEY);
        String fragment = asked(euicc, esim(euicc, "esim"));
        callers.succeed(PLATFORM, callers.get(fragment + "/fragment"));
    }

    @Test
    @Order(2)
    void whatIsWrongIsAnsweredAsItIsListed() throws Exception {
        FieldDevice meter = device("meter-2", WrappedFor.CERTIFIED_KEY);
        refuse(400, Refusal.NONCE_REFUSED, IdentityNode.request(meter, "00", null));
        refuse(403, Refusal.REPLACEMENT_REFUSED, IdentityNode.request(meter, meter.nonce(), "imsi-001019999999999"));
        refuse(409, Refusal.PROFILE_UNFIT, esim(meter, "m2m-embedded"));
        callers.refuse(400, "DOCUMENT_REFUSED", FLEET, callers.post("/identities", Map.of("deviceId", "meter-2")));
        callers.refuse(403, "ROLE_NEEDED", "acme", callers.post("/identities", request(meter)));
        callers.refuse(400, "QUERY_REFUSED", FLEET, callers.get("/identities?limit=0"));
        for (String what : Set.of("", "/package")) {
            callers.refuse(404, "IDENTITY_NOT_FOUND", FLEET, callers.get(NOWHERE + what));
        }
        callers.refuse(404, "IDENTITY_NOT_FOUND", PLATFORM, callers.get(NOWHERE + "/fragment"));
        callers.refuse(404, "IDENTITY_NOT_FOUND", "auditor", callers.get(NOWHERE + "/events"));
        callers.refuse(404, "IDENTITY_NOT_FOUND", OPERATOR, callers.act(NOWHERE + "/authenticated"));
        callers.refuse(404, "IDENTITY_NOT_FOUND", OPERATOR, callers.post(NOWHERE + "/revoke", Map.of("reason", "x")));
        callers.refuse(400, "DOCUMENT_REFUSED", OPERATOR, callers.post(NOWHERE + "/revoke", Map.of()));
        callers.refuse(
                404,
                "IDENTITY_NOT_FOUND",
                FLEET,
                callers.post(
                        NOWHERE + "/confirmation",
                        meter.confirmation(new UUID(0, 0).toString(), meter.nonce(), "00".repeat(32))));
        callers.refuse(400, "DOCUMENT_REFUSED", FLEET, callers.post(NOWHERE + "/confirmation", Map.of()));
        callers.refuse(
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                FLEET,
                callers.send("POST", "/identities", "text/plain", "x".getBytes(StandardCharsets.US_ASCII)));
        callers.refuse(
                413,
                "PAYLOAD_TOO_LARGE",
                FLEET,
                callers.send("POST", "/identities", ContractClients.JSON, new byte[300_000]));
        callers.refuse(
                405, "METHOD_NOT_ALLOWED", FLEET, callers.to("/identities").DELETE());
    }

    @Test
    @Order(3)
    void whoIsNotTheDeviceIsAnsweredAsItIsListed() throws Exception {
        FieldDevice meter = device("meter-3", WrappedFor.CERTIFIED_KEY);
        meter.certify("none");
        refuse(400, Refusal.CERTIFICATE_REFUSED, request(meter));
        meter.certify(certificate(new TestMaker("Stranger", Instant.now()), "meter-3", meter));
        refuse(403, Refusal.MAKER_UNKNOWN, request(meter));
        meter.certify(certificate(node.maker(), "meter-4", meter));
        refuse(403, Refusal.DEVICE_ID_MISMATCH, request(meter));
        meter.certify(TestMaker.pem(
                node.maker().certify("meter-3", meter.publicKey(), Instant.now().minus(Duration.ofDays(366)))));
        refuse(403, Refusal.CERTIFICATE_EXPIRED, request(meter));

        FieldDevice thief = new FieldDevice("meter-3", session, ScratchToken.profile(), WrappedFor.CERTIFIED_KEY);
        thief.certify(certificate(node.maker(), "meter-3", meter));
        refuse(403, Refusal.SIGNATURE_REFUSED, request(thief));

        X509Certificate older =
                node.maker().certify("meter-3", meter.publicKey(), Instant.now().minusSeconds(7200));
        node.certify(meter);
        asked(meter, request(meter));
        meter.certify(TestMaker.pem(older));
        refuse(403, Refusal.CERTIFICATE_SUPERSEDED, request(meter));

        node.listRevoked(Instant.now().plus(Duration.ofDays(30)), older);
        refuse(403, Refusal.CERTIFICATE_REVOKED, request(meter));
        node.listRevoked(Instant.now().minus(Duration.ofDays(1)));
        refuse(503, Refusal.REVOCATION_UNKNOWN, request(meter));
        node.listRevoked(Instant.now().plus(Duration.ofDays(30)));

        FieldDevice changed = device("meter-1", WrappedFor.CERTIFIED_KEY);
        refuse(403, Refusal.DEVICE_CHANGED, request(changed));
        FieldDevice euicc = device(eid("43"), WrappedFor.CERTIFIED_KEY);
        refuse(
                409,
                Refusal.PLATFORM_REFUSED,
                euicc.request(new FieldDevice.Wish(
                        euicc.nonce(), "laboratory", "esim", "lab-iccid", "lab-imsi", null, "nobody")));
    }

    private static String certificate(TestMaker maker, String id, FieldDevice device) {
        return TestMaker.pem(maker.certify(id, device.publicKey(), Instant.now().minusSeconds(60)));
    }

    @Test
    @Order(4)
    void whoAsksTooOftenIsToldSo() throws Exception {
        FieldDevice meter = device("meter-5", WrappedFor.CERTIFIED_KEY);
        for (int i = 0; i < A_DAYS_FILL; i++) {
            asked(meter, request(meter));
        }
        refuse(429, Refusal.DEVICE_ASKS_TOO_OFTEN, request(meter));
    }

    @Test
    @Order(5)
    void everyOperationWasServedAndEveryRefusalProvoked() {
        Set<String> missing = new TreeSet<>(callers.contract.operations());
        missing.removeIf(operation -> !operation.contains("/identities"));
        missing.removeAll(callers.served);
        assertThat(missing).isEmpty();
        Set<String> unprovoked = new TreeSet<>();
        for (Refusal refusal : Refusal.values()) {
            unprovoked.add(refusal.name());
        }
        unprovoked.removeAll(callers.causes);
        assertThat(unprovoked)
                .as("RefusalsTest has it, of a configuration that keeps the host from computing one-time keys")
                .containsExactly("ONE_TIME_KEY_REFUSED");
        assertThat(callers.contract.causes()).containsAll(callers.causes);
    }
}
