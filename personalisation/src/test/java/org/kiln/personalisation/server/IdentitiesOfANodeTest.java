package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.FieldDevice;
import org.kiln.personalisation.demo.FieldDevice.WrappedFor;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.personalisation.demo.Usim;
import org.kiln.personalisation.identity.IdentityRequest;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;
import org.kiln.token.ScratchToken;

/** Over the API of a running node: issue, confirm, authenticate, change. */
class IdentitiesOfANodeTest {

    @TempDir
    private static Path folder;

    private static final HexFormat HEX = HexFormat.of();

    private static IdentityNode node;
    private static KilnProcess kiln;
    private static Session session;

    @BeforeAll
    static void start() throws Exception {
        node = new IdentityNode(folder);
        kiln = node.up();
        node.stock(kiln);
        session = ScratchToken.create().openAs(Ck.CKU_USER);
    }

    @AfterAll
    static void stop() {
        session.close();
        kiln.close();
    }

    private static FieldDevice device(String id, WrappedFor wrappedFor) {
        FieldDevice device = new FieldDevice(id, session, ScratchToken.profile(), wrappedFor);
        node.certify(device);
        return device;
    }

    private static void authenticates(ApiClient network, FieldDevice.Installed installed) throws Exception {
        JsonNode vector = IdentityNode.vector(network, installed.supi());
        byte[] rand = HEX.parseHex(vector.path("rand").asText());
        Usim.Answer answer = installed
                .usim()
                .challenge(rand, HEX.parseHex(vector.path("autn").asText()));
        assertThat(answer).isInstanceOf(Usim.Accepted.class);
        assertThat(HEX.formatHex(((Usim.Accepted) answer).resStar(IdentityNode.NETWORK, rand)))
                .isEqualTo(vector.path("xresStar").asText());
        IdentityNode.tellSuccess(network, installed.supi());
    }

    private static void becomes(ApiClient client, String supi, String state) throws Exception {
        String now = "";
        for (int look = 0; look < 100_000 && !now.equals(state); look++) {
            for (JsonNode each : client.get(IdentityNode.IDENTITIES).path("items")) {
                if (each.path("supi").asText().equals(supi)) {
                    now = each.path("state").asText();
                }
            }
        }
        assertThat(now).isEqualTo(state);
    }

    @Test
    void aDeviceChangesOperatorsOverTheApi() throws Exception {
        FieldDevice device = device("meter-1", WrappedFor.X25519);
        try (ApiClient fleet = node.client(kiln, "fleet");
                ApiClient network = node.client(kiln, "udm")) {
            FieldDevice.Installed first =
                    node.exchange(fleet, device, IdentityNode.request(device, device.nonce(), null));
            authenticates(network, first);
            becomes(fleet, first.supi(), "ACTIVE");

            FieldDevice.Installed second =
                    node.exchange(fleet, device, IdentityNode.request(device, device.nonce(), first.supi()));
            authenticates(network, first);
            authenticates(network, second);
            becomes(fleet, second.supi(), "ACTIVE");
            becomes(fleet, first.supi(), "SUPERSEDED");

            assertThatThrownBy(() -> IdentityNode.vector(network, first.supi()))
                    .hasMessageContaining("AUTHENTICATION_REJECTED");
            authenticates(network, second);
        }
    }

    @Test
    void aBrokerSeesNoOthers() throws Exception {
        FieldDevice device = device("meter-2", WrappedFor.RSA);
        try (ApiClient fleet = node.client(kiln, "fleet");
                ApiClient rival = node.client(kiln, "rival");
                ApiClient acme = node.client(kiln, "acme")) {
            String path = IdentityNode.IDENTITIES + "/"
                    + fleet.post(IdentityNode.IDENTITIES, IdentityNode.request(device, device.nonce(), null))
                            .path("id")
                            .asText();

            assertThatThrownBy(() -> rival.get(path)).hasMessageContaining("404 IDENTITY_NOT_FOUND");
            assertThatThrownBy(() -> rival.get(path + "/package")).hasMessageContaining("404 IDENTITY_NOT_FOUND");
            assertThat(rival.get(IdentityNode.IDENTITIES).path("items")).isEmpty();
            assertThatThrownBy(() -> fleet.post(path + "/revoke", Map.of("reason", "mine")))
                    .hasMessageContaining("403 ROLE_NEEDED");
            assertThatThrownBy(() -> acme.get(path)).hasMessageContaining("403 ROLE_NEEDED");
            assertThatThrownBy(() -> fleet.get(path + "/fragment")).hasMessageContaining("403 ROLE_NEEDED");
        }
    }

    @Test
    void whatIsRefusedHasItsCause() throws Exception {
        FieldDevice device = device("meter-3", WrappedFor.CERTIFIED_KEY);
        IdentityRequest good = IdentityNode.request(device, device.nonce(), null);
        try (ApiClient fleet = node.client(kiln, "fleet")) {
            assertThatThrownBy(() -> fleet.post(IdentityNode.IDENTITIES, IdentityNode.request(device, "00", null)))
                    .hasMessageContaining("400 NONCE_REFUSED");
            assertThatThrownBy(() -> fleet.post(
                            IdentityNode.IDENTITIES,
                            IdentityNode.request(device, device.nonce(), "imsi-001019999999999")))
                    .hasMessageContaining("403 REPLACEMENT_REFUSED");
            assertThatThrownBy(() -> fleet.post(IdentityNode.IDENTITIES, Map.of("deviceId", "meter-3")))
                    .hasMessageContaining("400 DOCUMENT_REFUSED");
            assertThat(fleet.post(IdentityNode.IDENTITIES, good).path("id").asText())
                    .isEqualTo(
                            fleet.post(IdentityNode.IDENTITIES, good).path("id").asText());
        }
    }

    @Test
    void theCommandsIssueShowAndRevoke() throws Exception {
        FieldDevice device = device("meter-4", WrappedFor.CERTIFIED_KEY);
        Path request = folder.resolve("request.json");
        Files.writeString(
                request, new ObjectMapper().writeValueAsString(IdentityNode.request(device, device.nonce(), null)));
        String[] to = {"--data", node.data().toString(), "--server", "https://" + kiln.https(), "--as", "operator"};

        String issued = KilnProcess.succeed(with(to, "identity", "issue", request.toString()));
        String id = issued.substring(0, issued.indexOf(' '));
        assertThat(issued).contains("ISSUED", "meter-4");
        assertThat(KilnProcess.succeed(with(to, "identity", "list"))).contains(id);
        assertThat(KilnProcess.succeed(with(to, "identity", "revoke", id, "--reason", "stolen")))
                .contains("REVOKED");
        assertThat(KilnProcess.succeed(with(to, "identity", "show", id))).contains("REQUESTED", "stolen");
    }

    @Test
    void retainedKeysMoveWithTheStorageKeys() throws Exception {
        FieldDevice device = device("meter-6", WrappedFor.CERTIFIED_KEY);
        try (ApiClient fleet = node.client(kiln, "fleet");
                ApiClient network = node.client(kiln, "udm")) {
            FieldDevice.Installed installed =
                    node.exchange(fleet, device, IdentityNode.request(device, device.nonce(), null));

            assertThat(KilnProcess.succeed(
                            "storage-key", "rotate", "--data", node.data().toString()))
                    .contains(
                            "left under version 1: {subscribers=0, subscribers of unfinished load files=0, cards=0, lines of files=0, identities=0}");

            assertThat(node.count("count(*) from identity where operator_keys like '%\"SK-2:%'"))
                    .isPositive();
            authenticates(network, installed);
        }
    }

    private static String[] with(String[] more, String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return all;
    }

    @Test
    void noSupiAndNoKeyIsInTheLog() throws Exception {
        FieldDevice device = device("meter-5", WrappedFor.CERTIFIED_KEY);
        try (ApiClient fleet = node.client(kiln, "fleet")) {
            FieldDevice.Installed installed =
                    node.exchange(fleet, device, IdentityNode.request(device, device.nonce(), null));

            String log = Files.readString(folder.resolve("kiln.log"));
            assertThat(log)
                    .contains("identity ")
                    .doesNotContain(installed.supi())
                    .doesNotContain(installed.supi().substring("imsi-".length()));
        }
    }
}
