package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;

/**
 * SIGKILL while a vendor's batch is taken in leaves nothing of it, and the batch is taken afterwards; with a heap that could
 * not hold it where {@code -Dkiln.intake.cards=200000 -Dkiln.intake.heap=-Xmx96m} make it large.
 */
class KilledIntakeTest {

    private static final int CARDS = Integer.getInteger("kiln.intake.cards", 2_000);
    private static final String HEAP = System.getProperty("kiln.intake.heap", "-Xmx96m");

    @TempDir
    private Path folder;

    @Test
    void leavesNothingHalfTaken() throws Exception {
        Shop shop = new Shop(folder);
        VendorHouse vendor = new VendorHouse(folder, shop);
        vendor.importTransportKey();
        String id;
        Path batch;
        try (KilnProcess kiln = shop.up(HEAP);
                ApiClient acme = shop.client(kiln, "acme")) {
            shop.stock(kiln, "profile-milenage-uicc.yaml");
            id = shop.ordered(
                    kiln,
                    shop.order("vendor-made-1", CARDS).put("maker", "VENDOR").put("transportKey", "acme-in"));
            JsonNode order = acme.get(Shop.ORDERS + "/" + id);
            batch = vendor.sealed(
                    acme.get(Shop.API + "/signing-certificate"),
                    new VendorHouse.Batch(
                            id,
                            CARDS,
                            order.path("firstIccid").asLong(),
                            order.path("firstImsi").asLong(),
                            "delivery",
                            -1));
            CompletableFuture<Void> handing = CompletableFuture.runAsync(() -> hand(acme, id, batch));
            while (shop.count("count(*) from card") == 0 && !handing.isDone()) {
                Thread.onSpinWait();
            }
            assertThat(acme.get(Shop.ORDERS + "/" + id).path("made").asInt())
                    .as("nothing counts before all does")
                    .isZero();
            kiln.kill();
            assertThat(handing).failsWithin(Duration.ofMinutes(1));
        }
        assertThat(shop.count("count(*) from card")).isBetween(1L, CARDS - 1L);
        try (KilnProcess kiln = shop.up(HEAP);
                ApiClient acme = shop.client(kiln, "acme")) {
            assertThat(acme.get(Shop.ORDERS + "/" + id).path("state").asText()).isEqualTo("AWAITED");
            while (shop.count("count(*) from card") + shop.count("count(*) from subscriber") > 0) {
                Thread.onSpinWait();
            }
            assertThat(KilnProcess.succeed(
                            "batch",
                            "submit",
                            id,
                            "--batch",
                            batch.toString(),
                            "--data",
                            shop.data(),
                            "--server",
                            "https://" + kiln.https(),
                            "--as",
                            "acme"))
                    .contains("ACKNOWLEDGED", CARDS + " cards taken");
            assertThat(acme.get(Shop.ORDERS + "/" + id).path("made").asInt()).isEqualTo(CARDS);
        }
        assertThat(shop.count("count(*) from card")).isEqualTo(CARDS);
        assertThat(shop.count("count(distinct imsi) from card")).isEqualTo(CARDS);
        assertThat(shop.count("count(*) from subscriber")).isEqualTo(CARDS);
    }

    private static void hand(ApiClient acme, String id, Path batch) {
        try {
            acme.upload(Shop.ORDERS + "/" + id + "/cards", "application/cms", batch);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
