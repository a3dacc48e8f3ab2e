package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;

/** A batch whose keys the vendor made: taken as the order says, refused otherwise, and served. */
class VendorMadeBatchTest {

    private static final int CARDS = 600;

    @TempDir
    private Path folder;

    private static byte[] sealed(VendorHouse vendor, JsonNode certificates, VendorHouse.Batch batch) throws Exception {
        Path file = vendor.sealed(certificates, batch);
        byte[] octets = Files.readAllBytes(file);
        Files.delete(file);
        return octets;
    }

    private static void assertRefused(ApiClient acme, String id, byte[] batch, String why) {
        assertThatThrownBy(() -> acme.send("PUT", Shop.ORDERS + "/" + id + "/cards", "application/cms", batch))
                .isInstanceOf(ApiClient.UnexpectedAnswer.class)
                .hasMessageContaining("BATCH_REFUSED")
                .hasMessageContaining(why);
    }

    @Test
    void isTakenAsTheOrderSaysAndServed() throws Exception {
        Shop shop = new Shop(folder);
        VendorHouse vendor = new VendorHouse(folder, shop);
        vendor.importTransportKey();
        try (KilnProcess kiln = shop.up();
                ApiClient acme = shop.client(kiln, "acme");
                ApiClient network = shop.client(kiln, "udm")) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            String id = shop.ordered(
                    kiln,
                    shop.order("vendor-made-1", CARDS).put("maker", "VENDOR").put("transportKey", "acme-in"));
            JsonNode order = acme.get(Shop.ORDERS + "/" + id);
            assertThat(order.path("state").asText()).isEqualTo("AWAITED");
            long iccid = order.path("firstIccid").asLong();
            long imsi = order.path("firstImsi").asLong();
            JsonNode certificates = acme.get(Shop.API + "/signing-certificate");

            assertRefused(
                    acme,
                    id,
                    sealed(vendor, certificates, new VendorHouse.Batch(id, CARDS, iccid, imsi + 1, "delivery", -1)),
                    "line 2, column IMSI");
            assertRefused(
                    acme,
                    id,
                    sealed(vendor, certificates, new VendorHouse.Batch(id, CARDS, iccid, imsi, "delivery", CARDS - 1)),
                    "kcv");
            assertRefused(
                    acme,
                    id,
                    sealed(vendor, certificates, new VendorHouse.Batch("another", CARDS, iccid, imsi, "delivery", -1)),
                    "about order another");
            assertRefused(
                    acme,
                    id,
                    sealed(vendor, certificates, new VendorHouse.Batch(id, CARDS, iccid, imsi, "acme", -1)),
                    "sign");
            byte[] good = sealed(vendor, certificates, new VendorHouse.Batch(id, CARDS, iccid, imsi, "delivery", -1));
            byte[] changed = good.clone();
            changed[good.length / 2] ^= 1;
            assertRefused(acme, id, changed, "");
            assertThat(shop.count("count(*) from subscriber"))
                    .as("pieces before the fault are gone")
                    .isZero();
            assertThat(shop.count("count(*) from card")).isZero();

            assertThat(acme.send("PUT", Shop.ORDERS + "/" + id + "/cards", "application/cms", good)
                            .path("made")
                            .asInt())
                    .isEqualTo(CARDS);
            String state = acme.get(Shop.ORDERS + "/" + id).path("state").asText();
            for (int i = 0; !state.equals("ACTIVE") && i < 600; i++) {
                Thread.sleep(50);
                state = acme.get(Shop.ORDERS + "/" + id).path("state").asText();
            }
            assertThat(state).isEqualTo("ACTIVE");
            assertThat(network.post(
                                    "/nudm-ueau/v1/imsi-" + String.format("%015d", imsi)
                                            + "/security-information/generate-auth-data",
                                    Map.of(
                                            "servingNetworkName",
                                            "5G:mnc001.mcc001.3gppnetwork.org",
                                            "ausfInstanceId",
                                            "3fa85f64-5717-4562-b3fc-2c963f66afa6"))
                            .path("authenticationVector")
                            .isObject())
                    .isTrue();
            try (var uploads = Files.list(Path.of(shop.data(), "batches"))) {
                assertThat(uploads).as("uploads do not stay").isEmpty();
            }
        }
    }
}
