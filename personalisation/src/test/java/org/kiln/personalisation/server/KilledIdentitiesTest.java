package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.FieldDevice;
import org.kiln.personalisation.demo.KilnProcess;
import org.kiln.personalisation.demo.Usim;
import org.kiln.personalisation.identity.IdentityRequest;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;
import org.kiln.token.ScratchToken;

/**
 * SIGKILL at any moment of the exchange: nothing is lost, and nothing is issued twice. {@code -Dkiln.killed.kills=50} for a
 * large one.
 */
class KilledIdentitiesTest {

    private static final int KILLS = Integer.getInteger("kiln.killed.kills", 4);
    private static final int EACH_LIFE = 6;
    private static final HexFormat HEX = HexFormat.of();

    @TempDir
    private Path folder;

    /** A device on its way, which goes on where it was. */
    private static final class Journey {
        final FieldDevice device;
        final IdentityRequest request;
        FieldDevice.@Nullable Installed installed;

        Journey(FieldDevice device) {
            this.device = device;
            request = IdentityNode.request(device, device.nonce(), null);
        }
    }

    @Test
    void losesNothingAndIssuesNothingTwice() throws Exception {
        long seed = Long.getLong("kiln.seed", System.nanoTime());
        System.out.println("KilledIdentitiesTest: -Dkiln.seed=" + seed);
        Random random = new Random(seed);
        IdentityNode node = new IdentityNode(folder);
        List<Journey> journeys = new ArrayList<>();
        int begun = 0;
        try (Session session = ScratchToken.create().openAs(Ck.CKU_USER)) {
            for (int kill = 0; kill < KILLS; kill++) {
                try (KilnProcess kiln = node.up();
                        ApiClient fleet = node.client(kiln, "fleet")) {
                    if (kill == 0) {
                        node.stock(kiln);
                    }
                    for (int i = 0; i < EACH_LIFE; i++) {
                        FieldDevice device = new FieldDevice(
                                "meter-" + begun++,
                                session,
                                ScratchToken.profile(),
                                FieldDevice.WrappedFor.CERTIFIED_KEY);
                        node.certify(device);
                        journeys.add(new Journey(device));
                    }
                    long moment = random.nextLong(600_000_000);
                    Thread killer = Thread.ofPlatform().start(() -> {
                        LockSupport.parkNanos(moment);
                        try {
                            kiln.kill();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    });
                    goOn(node, fleet, journeys);
                    killer.join();
                }
            }
            try (KilnProcess kiln = node.up();
                    ApiClient fleet = node.client(kiln, "fleet");
                    ApiClient network = node.client(kiln, "udm")) {
                assertThat(goOn(node, fleet, journeys)).isTrue();
                for (Journey journey : journeys) {
                    authenticates(network, journey.installed);
                }
            }
        }
        assertThat(node.count("count(*) from identity")).isEqualTo(journeys.size());
        assertThat(node.count("count(*) from identity where state = 'CONFIRMED' and package is null"))
                .isEqualTo(journeys.size());
        assertThat(node.count("count(*) from subscriber where status = 'ACTIVE'"))
                .isEqualTo(journeys.size());
        assertThat(node.count("count(*) from subscriber")).isEqualTo(journeys.size());
        assertThat(node.count("count(*) from number_block where kind = 'IMSI'")).isEqualTo(journeys.size());
        assertThat(node.count("max(n) from (select count(*) n from identity_event group by identity_id, event)"))
                .isEqualTo(1);
    }

    /** False if the node died on the way. A device that does not know whether it was heard asks again. */
    private static boolean goOn(IdentityNode node, ApiClient fleet, List<Journey> journeys) throws Exception {
        for (Journey journey : journeys) {
            try {
                step(node, fleet, journey);
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }

    private static void step(IdentityNode node, ApiClient fleet, Journey journey) throws Exception {
        try {
            node.exchange(fleet, journey.device, journey.request, installed -> journey.installed = installed);
        } catch (ApiClient.UnexpectedAnswer e) {
            // The confirmation was heard and its answer lost: the nonce is done with.
            assertThat(e.getMessage()).contains("NONCE_USED");
            assertThat(journey.installed)
                    .as("a confirmed device has its credential")
                    .isNotNull();
        }
    }

    private static void authenticates(ApiClient network, FieldDevice.@Nullable Installed installed) throws Exception {
        assertThat(installed).isNotNull();
        JsonNode vector = IdentityNode.vector(network, installed.supi());
        assertThat(installed
                        .usim()
                        .challenge(
                                HEX.parseHex(vector.path("rand").asText()),
                                HEX.parseHex(vector.path("autn").asText())))
                .isInstanceOf(Usim.Accepted.class);
    }
}
