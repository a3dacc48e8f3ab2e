package org.kiln.kms.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.auc.VectorRequest;
import org.kiln.kms.keys.KeyException;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.provisioning.SubscriberImport;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.subscriber.Subscriber;

@Tag(ScratchDatabase.TAG)
class RotationTest {

    private static final VectorKind EPS = VectorKind.EpsAka.of(new PlmnId("001", "01"));
    private static final int SUBSCRIBERS = 500;

    /** So few that keys are closed and opened all the time. */
    private static final int IN_USE = 40;

    @TempDir
    private Path folder;

    private ScratchNode node;
    private AuthenticationCentre centre;

    @BeforeEach
    void open() throws Exception {
        node = new ScratchNode(folder, ceremony -> {
            ceremony.foundation();
            ceremony.storageKeys(2);
        });
        node.provision(SUBSCRIBERS);
        centre = new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, IN_USE);
    }

    @AfterEach
    void close() {
        centre.close();
        node.close();
    }

    private List<AuthenticationVector> ask(int number, int count, Optional<VectorRequest.Resynchronisation> failure) {
        return centre.authenticate(new VectorRequest(ScratchNode.supi(number), EPS, count, failure))
                .join();
    }

    private void assertServed(int number) {
        for (AuthenticationVector vector : ask(number, 2, Optional.empty())) {
            assertThat(ScratchNode.card(number).sqn(vector)).isPositive();
        }
    }

    private List<BlobTable<?>> tables() {
        return List.of(node.blobs());
    }

    private Rewrap rewrap() {
        return new Rewrap(node.tokens(), node.storageKeys(), node.database(), tables(), 0);
    }

    private void promote() {
        node.storageKeyRegister().promote(2);
        node.currentVersion().refresh();
    }

    private void destroy() {
        node.storageKeyRegister().retireForGood(1, tables());
        node.tokens().call(session -> {
            node.storageKeys().destroyVersion(session, 1);
            return 1;
        });
    }

    /** Stands for whatever ends a process between two pages. */
    private static final class PowerCut extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private void askAllTheTime(AtomicBoolean done, AtomicLong served, long seed) {
        Random random = new Random(seed);
        while (!done.get()) {
            assertServed(random.nextInt(SUBSCRIBERS));
            served.incrementAndGet();
        }
    }

    @Test
    void everySubscriberIsServedAllTheTimeWhileHisKeysMove() {
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong served = new AtomicLong();
        List<CompletableFuture<Void>> callers = List.of(
                CompletableFuture.runAsync(() -> askAllTheTime(done, served, 1)),
                CompletableFuture.runAsync(() -> askAllTheTime(done, served, 2)));
        try {
            promote();
            assertThatThrownBy(() -> rewrap().run(1, 2, moved -> {
                        throw new PowerCut();
                    }))
                    .isInstanceOf(PowerCut.class);
            long left = rewrap().left(1).getOrDefault("subscribers", -1L);
            assertThat(left).isStrictlyBetween(0L, (long) SUBSCRIBERS);
            assertThatThrownBy(this::destroy)
                    .isInstanceOf(RotationException.class)
                    .hasMessageContaining(left + " subscribers are still wrapped under it");

            assertThat(rewrap().run(1, 2, moved -> {})).isEqualTo(new Rewrap.Outcome(left, 0));
            assertThat(rewrap().left(1)).isEqualTo(Map.of("subscribers", 0L));
            assertThat(rewrap().left(2)).isEqualTo(Map.of("subscribers", (long) SUBSCRIBERS));
            destroy();
            for (int number = 0; number < SUBSCRIBERS; number++) {
                assertServed(number);
            }
        } finally {
            done.set(true);
        }
        callers.forEach(CompletableFuture::join);
        assertThat(served.get()).isPositive();
        assertThat(node.storageKeyRegister().live()).containsExactly(2);
    }

    /** Whose sequence is ahead of the clock is not forgotten when his keys are closed. */
    @Test
    void aCentreThatStillHoldsAnOldRecordReadsItAnew() {
        for (int number = 0; number < 3 * IN_USE; number++) {
            for (int round = 0; round < 5; round++) {
                ask(number, 32, Optional.empty());
            }
        }
        promote();
        rewrap().run(1, 2, moved -> {});
        destroy();
        for (int number = 0; number < 3 * IN_USE; number++) {
            assertServed(number);
        }
    }

    @Test
    void aResynchronisationWritesNoOldKeyBack() {
        byte[] rand = ask(3, 2, Optional.empty()).getFirst().rand();
        promote();
        rewrap().run(1, 2, moved -> {});
        byte[] auts = ScratchNode.card(3).auts(rand, 0x4000_0000L);
        ask(3, 2, Optional.of(new VectorRequest.Resynchronisation(rand, auts)));
        Subscriber record = node.store().find(ScratchNode.supi(3)).orElseThrow();
        assertThat(record.ki().keyLabel()).isEqualTo("SK-2");
        assertThat(record.opc().keyLabel()).isEqualTo("SKO-2");
        assertServed(3);
    }

    @Test
    void whatIsStoredAfterwardsIsUnderTheNewKeys() throws Exception {
        promote();
        node.importer()
                .run(node.loadFile(ScratchNode.row(SUBSCRIBERS)), SubscriberImport.OnBadRow.REFUSE_FILE, done -> {});
        assertThat(node.store()
                        .find(ScratchNode.supi(SUBSCRIBERS))
                        .orElseThrow()
                        .ki()
                        .keyLabel())
                .isEqualTo("SK-2");
        assertServed(SUBSCRIBERS);
    }

    @Test
    void nothingIsStoredUnderADestroyedKey() {
        Subscriber late = node.store().find(ScratchNode.supi(0)).orElseThrow();
        promote();
        rewrap().run(1, 2, moved -> {});
        destroy();
        change("delete from subscriber where supi = ?", 0);
        assertThatThrownBy(() -> node.database().write(connection -> {
                    node.store().insert(connection, List.of(late));
                    return 1;
                }))
                .isInstanceOf(RotationException.class)
                .hasMessageContaining("destroyed meanwhile");
        assertThat(node.store().contains(ScratchNode.supi(0))).isFalse();
        assertThatThrownBy(() ->
                        node.tokens().call(session -> node.storageKeys().bringIntoUse(session, late.ki())))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("no key labelled 'SK-1'");
    }

    @Test
    void aDamagedRecordStaysAndKeepsTheOldKeyFromBeingDestroyed() {
        change("update subscriber set amf = amf + 1 where supi = ?", 7);
        promote();
        assertThat(rewrap().run(1, 2, moved -> {})).isEqualTo(new Rewrap.Outcome(SUBSCRIBERS - 1, 1));
        assertThatThrownBy(this::destroy).hasMessageContaining("1 subscribers are still wrapped under it");
    }

    @Test
    void theCurrentVersionIsNotDestroyed() {
        assertThatThrownBy(this::destroy)
                .isInstanceOf(RotationException.class)
                .hasMessageContaining("version 1 is the current one");
    }

    @Test
    void oneRotationAtATime() {
        promote();
        assertThatThrownBy(() -> node.storageKeyRegister().promote(3))
                .isInstanceOf(RotationException.class)
                .hasMessageContaining("another rotation has begun");
    }

    private void change(String sql, int number) {
        node.database().write(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, ScratchNode.supi(number).value());
                return statement.executeUpdate();
            }
        });
    }
}
