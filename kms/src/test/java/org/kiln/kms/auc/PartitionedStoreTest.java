package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.subscriber.SubscriberStatus;

/** What docs/scale.md says of partitions. */
@Tag(ScratchDatabase.TAG)
@EnabledIfSystemProperty(named = "kiln.test.store", matches = "postgresql")
class PartitionedStoreTest {

    private static final VectorKind EPS = VectorKind.EpsAka.of(new PlmnId("001", "01"));

    @TempDir
    Path folder;

    @Test
    void servesChangesAndTakesSubscribersAsBefore() throws Exception {
        try (ScratchNode node = new ScratchNode(folder)) {
            node.provision(20);
            String script = Files.readString(Path.of("..", "docs", "postgresql", "partition-subscribers.sql"));
            node.database().read(connection -> connection.createStatement().execute(script));
            assertThat(parts(node)).isEqualTo(16);
            node.provision(20, 40);
            try (AuthenticationCentre centre =
                            new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, 100);
                    AuthEvents events = new AuthEvents(node.database())) {
                for (int number = 0; number < 40; number++) {
                    AuthenticationVector vector = centre.authenticate(
                                    new VectorRequest(ScratchNode.supi(number), EPS, 1, Optional.empty()))
                            .join()
                            .getFirst();
                    assertThat(ScratchNode.card(number).sqn(vector)).isPositive();
                }
                AuthEvent event = new AuthEvent(
                        "3fa85f64-5717-4562-b3fc-2c963f66afa6",
                        true,
                        "2026-11-24T12:00:00Z",
                        "5G_AKA",
                        "5G:mnc001.mcc001.3gppnetwork.org");
                assertThat(events.confirm(ScratchNode.supi(3), event).join())
                        .isEqualTo(events.confirm(ScratchNode.supi(3), event).join());
            }
            node.database().write(connection -> {
                node.store().updateStatus(connection, List.of(ScratchNode.supi(3)), SubscriberStatus.SUSPENDED);
                return true;
            });
            assertThat(node.store().find(ScratchNode.supi(3)).orElseThrow().status())
                    .isEqualTo(SubscriberStatus.SUSPENDED);
            assertThat(node.store().delete(ScratchNode.supi(3))).isTrue();
        }
    }

    private static int parts(ScratchNode node) {
        return node.database().read(connection -> {
            try (ResultSet row = connection
                    .createStatement()
                    .executeQuery("select count(*) from pg_inherits where inhparent = 'subscriber'::regclass")) {
                row.next();
                return row.getInt(1);
            }
        });
    }
}
