package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;

/**
 * SIGKILL in the middle of a batch, several times: the next start finishes it, with every card once. CI runs a small one;
 * {@code -Dkiln.killed.cards=100000 -Dkiln.killed.kills=20} is the large one of docs/personalisation.md.
 */
class KilledBatchTest {

    private static final int CARDS = Integer.getInteger("kiln.killed.cards", 3_000);
    private static final int KILLS = Integer.getInteger("kiln.killed.kills", 3);

    @TempDir
    private Path folder;

    @Test
    void finishesTheBatchAfterEachKill() throws Exception {
        long seed = Long.getLong("kiln.seed", System.nanoTime());
        System.out.println("KilledBatchTest: -Dkiln.seed=" + seed);
        Random random = new Random(seed);
        Shop shop = new Shop(folder);
        ObjectNode order = shop.order("killed-1", CARDS);
        String id = "";
        long before = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            try (KilnProcess kiln = shop.up();
                    ApiClient acme = shop.client(kiln, "acme")) {
                if (kill == 0) {
                    shop.stock(kiln, "profile-milenage-uicc.yaml");
                }
                id = shop.ordered(kiln, order);
                long share = (CARDS - before) / (KILLS - kill + 1L);
                long target = before + 1 + random.nextLong(Math.max(1, share));
                JsonNode state = acme.get(Shop.ORDERS + "/" + id);
                while (state.path("state").asText().equals("GENERATING")
                        && state.path("made").asLong() < target) {
                    state = acme.get(Shop.ORDERS + "/" + id);
                }
                kiln.kill();
            }
            long made = shop.count("count(*) from card");
            assertThat(made).isGreaterThanOrEqualTo(before);
            before = made;
        }
        try (KilnProcess kiln = shop.up();
                ApiClient acme = shop.client(kiln, "acme")) {
            JsonNode settled = shop.settled(kiln, id);
            assertThat(settled.path("state").asText()).isEqualTo("READY");
            assertThat(settled.path("made").asInt()).isEqualTo(CARDS);
            assertThat(acme.post(Shop.ORDERS, order).path("id").asText()).isEqualTo(id);
        }
        assertThat(shop.count("count(*) from card")).isEqualTo(CARDS);
        assertThat(shop.count("count(distinct iccid) from card")).isEqualTo(CARDS);
        assertThat(shop.count("count(distinct imsi) from card")).isEqualTo(CARDS);
        assertThat(shop.count("max(position) from card")).isEqualTo(CARDS - 1);
        assertThat(shop.count("count(*) from card_row")).isEqualTo(CARDS);
        assertThat(shop.count("count(*) from subscriber where status = 'PENDING'"))
                .isEqualTo(CARDS);
        assertThat(shop.hasFile(id, "acme")).isTrue();
    }
}
