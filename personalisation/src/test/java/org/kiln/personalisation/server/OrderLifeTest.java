package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.transfer.acknowledgement.Acknowledgement;
import org.kiln.transfer.acknowledgement.AcknowledgementFile;

/** The life of orders, from a vendor's wish to the closing, on a serving node. */
@Tag(ScratchDatabase.TAG)
class OrderLifeTest {

    private static final int CARDS = 12;

    @TempDir
    private static Path folder;

    private static Shop shop;
    private static KilnProcess kiln;
    private static ApiClient acme;
    private static ApiClient network;
    private static ApiClient other;
    private static ApiClient operator;
    private static ApiClient approver;
    private static ApiClient auditor;

    @BeforeAll
    static void open() throws Exception {
        shop = new Shop(folder);
        shop.admit("other", "card-vendor:other");
        serve();
        shop.stock(kiln, "profile-milenage-uicc.yaml");
    }

    private static void serve() throws IOException {
        kiln = shop.up();
        acme = shop.client(kiln, "acme");
        network = shop.client(kiln, "udm");
        other = shop.client(kiln, "other");
        operator = shop.client(kiln, "operator");
        approver = shop.client(kiln, "approver");
        auditor = shop.client(kiln, "auditor");
    }

    @AfterAll
    static void close() {
        for (ApiClient client : List.of(acme, network, other, operator, approver, auditor)) {
            client.close();
        }
        kiln.close();
    }

    private static String path(String id) {
        return Shop.ORDERS + "/" + id;
    }

    private static String file(String id) {
        return path(id) + "/files/acme";
    }

    private static String state(String id) throws Exception {
        return auditor.get(path(id)).path("state").asText();
    }

    private static void assertRefused(int status, String cause, ThrowingRequest request) {
        assertThatThrownBy(request::send)
                .isInstanceOfSatisfying(
                        ApiClient.UnexpectedAnswer.class,
                        answer -> assertThat(answer.status()).isEqualTo(status))
                .hasMessageContaining(cause);
    }

    private interface ThrowingRequest {
        void send() throws Exception;
    }

    private static String made(String key) throws Exception {
        String id = shop.ordered(kiln, shop.order(key, CARDS));
        assertThat(shop.settled(kiln, id).path("state").asText()).isEqualTo("READY");
        return id;
    }

    private static byte[] answer(String id, String signer, Acknowledgement.Verdict verdict, List<String> reasons)
            throws Exception {
        String manifest = "";
        for (JsonNode each : auditor.get(path(id)).path("files")) {
            manifest = each.path("manifestSha256").asText();
        }
        return AcknowledgementFile.write(
                new Acknowledgement(
                        Acknowledgement.FORMAT,
                        id,
                        id + ".acme",
                        manifest,
                        CARDS,
                        "acme",
                        Instant.now(),
                        verdict,
                        reasons),
                shop.identity(signer),
                InstantSource.system());
    }

    private static JsonNode acknowledge(String id, byte[] answer) throws Exception {
        return acme.send("POST", file(id) + "/acknowledgement", "application/cms", answer);
    }

    private static void awaitState(String id, String wanted) throws Exception {
        String state = state(id);
        for (int i = 0; !state.equals(wanted) && i < 600; i++) {
            Thread.sleep(50);
            state = state(id);
        }
        assertThat(state).isEqualTo(wanted);
    }

    private static int vectors(String imsi) throws Exception {
        try {
            network.post(
                    "/nudm-ueau/v1/imsi-" + imsi + "/security-information/generate-auth-data",
                    Map.of(
                            "servingNetworkName",
                            "5G:mnc001.mcc001.3gppnetwork.org",
                            "ausfInstanceId",
                            "3fa85f64-5717-4562-b3fc-2c963f66afa6"));
            return 200;
        } catch (ApiClient.UnexpectedAnswer refused) {
            return refused.status();
        }
    }

    private static List<String> events(String id) throws Exception {
        List<String> events = new ArrayList<>();
        for (JsonNode event : auditor.get(path(id) + "/events").path("items")) {
            events.add(
                    event.path("event").asText() + " by " + event.path("actor").asText());
        }
        return events;
    }

    @Test
    void goesFromAVendorsWishToTheClosing() throws Exception {
        String id =
                acme.post(Shop.ORDERS, shop.order("life-1", CARDS)).path("id").asText();
        assertThat(state(id)).isEqualTo("REQUESTED");
        assertRefused(403, "ROLE_NEEDED", () -> acme.act(path(id) + "/approve"));
        assertThat(approver.act(path(id) + "/approve").path("state").asText()).isEqualTo("GENERATING");
        JsonNode ready = shop.settled(kiln, id);
        assertThat(ready.path("state").asText()).isEqualTo("READY");
        String imsi = ready.path("firstImsi").asText();
        assertThat(vectors(imsi)).as("the card is not delivered yet").isEqualTo(404);
        assertRefused(
                409,
                "ORDER_STATE",
                () -> acknowledge(id, answer(id, "delivery", Acknowledgement.Verdict.ACCEPTED, List.of())));

        Path fetched = folder.resolve("life-1.kiln");
        acme.download(file(id), fetched);
        awaitState(id, "DELIVERED");
        assertThat(Files.size(fetched)).isPositive();

        assertThat(acknowledge(id, answer(id, "delivery", Acknowledgement.Verdict.ACCEPTED, List.of()))
                        .path("quantity")
                        .asInt())
                .isEqualTo(CARDS);
        awaitState(id, "ACTIVE");
        assertThat(vectors(imsi)).isEqualTo(200);
        assertRefused(
                409,
                "ORDER_STATE",
                () -> approver.post(path(id) + "/cancel", Map.of("reason", "its cards are in the network")));
        assertThat(shop.hasFile(id, "acme")).isFalse();
        assertRefused(410, "FILE_DESTROYED", () -> acme.download(file(id), fetched));

        assertThat(approver.act(path(id) + "/close").path("state").asText()).isEqualTo("CLOSED");
        JsonNode held = auditor.get(path(id) + "/holdings");
        assertThat(held.path("files").path(0).path("lines").asInt()).isZero();
        assertThat(held.path("files").path(0).path("onDisk").asBoolean()).isFalse();
        assertThat(held.path("retainedKeys").toString()).isEqualTo("{\"PUK1\":12,\"PUK2\":12}");
        assertThat(held.path("subscribers").toString()).isEqualTo("{\"ACTIVE\":12}");
        assertThat(vectors(imsi)).as("closing leaves the network alone").isEqualTo(200);
        assertThat(events(id))
                .containsExactly(
                        "REQUESTED by acme",
                        "GENERATING by approver",
                        "FILE_READY by kiln",
                        "READY by kiln",
                        "FILE_FETCHED by acme",
                        "DELIVERED by acme",
                        "FILE_ACKNOWLEDGED by acme",
                        "ACKNOWLEDGED by acme",
                        "FILE_DESTROYED by kiln",
                        "ACTIVE by kiln",
                        "CLOSED by approver");
    }

    @Test
    void needsASecondPersonWhoIsNotTheOneWhoAsked() throws Exception {
        String id = operator.post(Shop.ORDERS, shop.order("second-1", CARDS))
                .path("id")
                .asText();
        assertRefused(403, "SECOND_PERSON_NEEDED", () -> operator.act(path(id) + "/approve"));
        assertThat(approver.act(path(id) + "/approve").path("state").asText()).isEqualTo("GENERATING");
        assertRefused(409, "ORDER_STATE", () -> approver.act(path(id) + "/approve"));
        JsonNode profile = operator.post(
                Shop.API + "/profiles",
                ((ObjectNode) Shop.example("profile-milenage-uicc.yaml")).put("name", "unpublished"));
        assertRefused(409, "PROFILE_REFUSED", () -> operator.act(Shop.API + "/profiles/unpublished/1/publish"));
        assertThat(profile.path("state").asText()).isEqualTo("DRAFT");
        assertRefused(
                409,
                "PROFILE_REFUSED",
                () -> acme.post(Shop.ORDERS, shop.order("second-2", 1).put("profile", "unpublished")));
    }

    @Test
    void showsAVendorHisOwnOrdersOnly() throws Exception {
        String id = made("own-1");
        assertRefused(404, "ORDER_NOT_FOUND", () -> other.get(path(id)));
        assertRefused(404, "ORDER_NOT_FOUND", () -> other.download(file(id), folder.resolve("stolen")));
        assertRefused(
                404, "ORDER_NOT_FOUND", () -> other.download(path(id) + "/files/other", folder.resolve("stolen")));
        assertRefused(403, "ROLE_NEEDED", () -> other.post(Shop.ORDERS, shop.order("own-2", 1)));
        assertRefused(403, "ROLE_NEEDED", () -> auditor.act(path(id) + "/approve"));
        assertThat(other.get(Shop.ORDERS).path("items")).isEmpty();
        assertThat(other.get(Shop.API + "/files").path("items")).isEmpty();
        assertThat(acme.get(Shop.ORDERS).path("items")).isNotEmpty();
    }

    @Test
    void quarantinesTheNumbersOfACancelledOrderUntilSomebodyReleasesThem() throws Exception {
        String id = made("cancel-1");
        String imsi = acme.get(path(id)).path("firstImsi").asText();
        acme.post(path(id) + "/cancel", Map.of("reason", "wrong card body"));
        assertThat(state(id)).isEqualTo("CANCELLED");
        assertThat(shop.count("count(*) from card where order_id = '" + id + "'"))
                .isZero();
        assertThat(shop.count("count(*) from card_row where order_id = '" + id + "'"))
                .isZero();
        assertThat(shop.count("count(*) from subscriber where supi = 'imsi-" + imsi + "'"))
                .isZero();
        assertThat(shop.hasFile(id, "acme")).isFalse();
        assertThat(auditor.get(Shop.API + "/number-ranges/lab-imsi/quarantine").path("items"))
                .anySatisfy(block -> assertThat(block.path("reason").asText()).isEqualTo("wrong card body"));
        String next = made("cancel-2");
        assertThat(acme.get(path(next)).path("firstImsi").asText()).isGreaterThan(imsi);
        approver.post(
                Shop.API + "/number-ranges/lab-imsi/release",
                Map.of("first", imsi, "reason", "the cards are shredded"));
        String reused = made("cancel-3");
        assertThat(acme.get(path(reused)).path("firstImsi").asText()).isEqualTo(imsi);
        assertRefused(409, "ORDER_STATE", () -> approver.post(path(id) + "/cancel", Map.of("reason", "twice")));
    }

    private static KilnProcess.Ended numbers(String verb, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of("numbers", verb, "--data", shop.data()));
        command.addAll(List.of("--server", "https://" + kiln.https(), "lab-iccid"));
        command.addAll(List.of(more));
        return KilnProcess.run(Map.of(), command.toArray(String[]::new));
    }

    @Test
    void quarantinesNumbersAtTheTerminalUnlessTheyAreInUse() throws Exception {
        String id = made("quarantine-1");
        JsonNode range = auditor.get(Shop.API + "/number-ranges/lab-iccid");
        String used = range.path("blocks").get(0).path("first").asText();
        String[] ofOrder = {used, "--count", "1", "--reason", "lost"};
        String order = range.path("blocks").get(0).path("orderId").asText();
        assertThat(order).isNotEmpty();
        assertThat(numbers("quarantine", ofOrder).err())
                .contains("NUMBERS_IN_USE")
                .contains(order);

        String first = String.valueOf(Long.parseLong(used) + 500);
        KilnProcess.Ended quarantined = numbers("quarantine", first, "--count", "100", "--reason", "a lost batch");
        assertThat(quarantined.exitCode()).as(quarantined.err()).isZero();
        assertThat(quarantined.out()).contains(first).contains("QUARANTINED").contains("nobody has had them");
        assertThat(numbers("quarantined").out()).contains(first).contains("a lost batch");
        assertThat(numbers("release", first, "--count", "10", "--reason", "found")
                        .out())
                .contains(first)
                .contains("RELEASED");
        assertThat(numbers("quarantined").out())
                .doesNotContain(first)
                .contains(String.valueOf(Long.parseLong(first) + 10));
        assertThat(numbers("release", first, "--reason", "twice").err()).contains("are not all quarantined");
        assertThat(state(id)).isEqualTo("READY");
    }

    @Test
    void takesTheWordOfNobodyButTheRecipient() throws Exception {
        String id = made("word-1");
        acme.download(file(id), folder.resolve("word-1.kiln"));
        awaitState(id, "DELIVERED");
        byte[] good = answer(id, "delivery", Acknowledgement.Verdict.ACCEPTED, List.of());
        byte[] changed = good.clone();
        changed[good.length - 5] ^= 1;
        assertRefused(400, "ACKNOWLEDGEMENT_REFUSED", () -> acknowledge(id, changed));
        assertRefused(
                400,
                "ACKNOWLEDGEMENT_REFUSED",
                () -> acknowledge(id, answer(id, "acme", Acknowledgement.Verdict.ACCEPTED, List.of())));
        String another = made("word-2");
        assertRefused(
                400,
                "ACKNOWLEDGEMENT_REFUSED",
                () -> acknowledge(id, answer(another, "delivery", Acknowledgement.Verdict.ACCEPTED, List.of())));
        acknowledge(
                id, answer(id, "delivery", Acknowledgement.Verdict.REJECTED, List.of("line 7: KI does not unwrap")));
        assertThat(state(id)).isEqualTo("DELIVERED");
        assertThat(events(id)).contains("FILE_REFUSED by acme");
        acknowledge(id, good);
        awaitState(id, "ACTIVE");
        acknowledge(id, good);
        assertThat(events(id).stream().filter("ACTIVE by kiln"::equals)).hasSize(1);
    }

    @Test
    void letsAFileBeFetchedInParts() throws Exception {
        String id = made("parts-1");
        Path whole = folder.resolve("parts.kiln");
        acme.download(file(id), whole);
        byte[] octets = Files.readAllBytes(whole);
        Path again = folder.resolve("parts-again.kiln");
        Files.write(folder.resolve("parts-again.kiln.part"), Arrays.copyOf(octets, octets.length / 3));
        List<Long> arrived = new ArrayList<>();
        acme.download(file(id), again, (here, total) -> {
            assertThat(total).isEqualTo(octets.length);
            arrived.add(here);
        });
        assertThat(arrived.getFirst()).as("what was here before counts").isGreaterThan(octets.length / 3);
        assertThat(arrived.getLast()).isEqualTo(octets.length);
        assertThat(Files.readAllBytes(again)).isEqualTo(octets);
        Path broken = folder.resolve("parts-broken.kiln");
        Files.write(folder.resolve("parts-broken.kiln.part"), new byte[octets.length / 3]);
        assertThatThrownBy(() -> acme.download(file(id), broken)).hasMessageContaining("fetch it again");
        acme.download(file(id), broken);
        assertThat(Files.readAllBytes(broken)).isEqualTo(octets);
    }

    @Test
    void destroysAfterATimeWhatNobodyAcknowledges() throws Exception {
        String id = made("overdue-1");
        acme.download(file(id), folder.resolve("overdue.kiln"));
        awaitState(id, "DELIVERED");
        byte[] answer = answer(id, "delivery", Acknowledgement.Verdict.ACCEPTED, List.of());
        close();
        shop.tamper("update card_order set changed = '2020-01-01T00:00:00Z' where id = '" + id + "'");
        serve();
        for (int i = 0; shop.hasFile(id, "acme") && i < 600; i++) {
            Thread.sleep(50);
        }
        assertThat(shop.hasFile(id, "acme")).isFalse();
        acknowledge(id, answer);
        awaitState(id, "ACTIVE");
    }

    @Test
    void pagesThroughOrders() throws Exception {
        for (int i = 0; i < 3; i++) {
            acme.post(Shop.ORDERS, shop.order("page-" + i, 1));
        }
        JsonNode first = acme.get(Shop.ORDERS + "?limit=2");
        assertThat(first.path("items")).hasSize(2);
        JsonNode second =
                acme.get(Shop.ORDERS + "?limit=2&after=" + first.path("next").asText());
        assertThat(second.path("items").path(0).path("id").asText())
                .isNotIn(
                        first.path("items").path(0).path("id").asText(),
                        first.path("items").path(1).path("id").asText());
        assertRefused(400, "QUERY_REFUSED", () -> acme.get(Shop.ORDERS + "?limit=0"));
    }

    @Test
    void namesTheRuleThatADocumentBreaks() throws Exception {
        assertRefused(
                400,
                "the order, line 1, column ",
                () -> acme.post(Shop.ORDERS, shop.order("rule-1", 1).put("quantity", 0)));
        assertRefused(
                400,
                "the order, line 1, column ",
                () -> acme.post(Shop.ORDERS, shop.order("rule-1", 1).put("colour", "red")));
        assertRefused(
                409,
                "there is no number range 'nowhere'",
                () -> acme.post(Shop.ORDERS, shop.order("rule-2", 1).put("imsis", "nowhere")));
        assertRefused(
                400,
                "is no outgoing key of 'acme'",
                () -> acme.post(Shop.ORDERS, shop.order("rule-3", 1).put("transportKey", "auc-transport")));
        assertThat(shop.count("count(*) from card_order where idempotency_key like 'rule-%'"))
                .as("what is refused is not entered")
                .isZero();
        String one = acme.post(Shop.ORDERS, shop.order("rule-4", 1)).path("id").asText();
        assertThat(acme.post(Shop.ORDERS, shop.order("rule-4", 1)).path("id").asText())
                .isEqualTo(one);
        assertRefused(400, "was used for another order", () -> acme.post(Shop.ORDERS, shop.order("rule-4", 2)));
    }
}
