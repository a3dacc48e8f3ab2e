package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.VectorRequest.Resynchronisation;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Template;
import org.kiln.transfer.numbering.Supi;

@Tag(ScratchDatabase.TAG)
class AuthenticationCentreTest {

    private static final VectorKind EPS = VectorKind.EpsAka.of(new PlmnId("001", "01"));
    private static final int SUBSCRIBERS = 40;

    @TempDir
    private Path folder;

    private ScratchNode node;
    private AuthenticationCentre centre;

    @BeforeEach
    void open() throws Exception {
        node = new ScratchNode(folder);
        node.provision(SUBSCRIBERS);
        centre = newCentre(1000);
    }

    @AfterEach
    void close() {
        centre.close();
        node.close();
    }

    private AuthenticationCentre newCentre(int capacity) {
        return new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, capacity);
    }

    private CompletableFuture<List<AuthenticationVector>> ask(int number, int count) {
        return centre.authenticate(new VectorRequest(ScratchNode.supi(number), EPS, count, Optional.empty()));
    }

    private List<AuthenticationVector> resynchronise(int number, byte[] rand, byte[] auts) {
        return centre.authenticate(new VectorRequest(
                        ScratchNode.supi(number), EPS, 1, Optional.of(new Resynchronisation(rand, auts))))
                .join();
    }

    @Test
    void everyVectorIsGenuineAndNewer() {
        long last = 0x20;
        for (int round = 0; round < 5; round++) {
            for (AuthenticationVector vector : ask(7, 5).join()) {
                long sqn = ScratchNode.card(7).sqn(vector);
                assertThat(sqn >>> 5).isGreaterThan(last >>> 5);
                last = sqn;
            }
        }
    }

    @Test
    void anUnknownSubscriberIsSaidToBeUnknown() {
        assertThatThrownBy(() -> ask(SUBSCRIBERS, 1).join())
                .hasCauseInstanceOf(AuthenticationException.UnknownSubscriber.class);
    }

    private void setStatus(int number, SubscriberStatus status) {
        centre.withdraw(
                ScratchNode.supi(number),
                () -> node.database().write(connection -> {
                    node.store().updateStatus(connection, List.of(ScratchNode.supi(number)), status);
                    return status;
                }));
    }

    @Test
    void servesASubscriberOnlyWhileHeIsActive() {
        assertThat(ask(11, 1).join()).hasSize(1);
        setStatus(11, SubscriberStatus.SUSPENDED);
        assertThatThrownBy(() -> ask(11, 1).join()).hasCauseInstanceOf(AuthenticationException.Suspended.class);
        setStatus(11, SubscriberStatus.PENDING);
        assertThatThrownBy(() -> ask(11, 1).join()).hasCauseInstanceOf(AuthenticationException.UnknownSubscriber.class);
        setStatus(11, SubscriberStatus.ACTIVE);
        assertThat(ask(11, 1).join()).hasSize(1);
    }

    @Test
    void goesOnBehindWhatWasHandedOutBeforeASuspension() {
        long last = 0;
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 40; i++) {
                for (AuthenticationVector vector : ask(13, 5).join()) {
                    last = Math.max(last, ScratchNode.card(13).sqn(vector) >>> 5);
                }
            }
            setStatus(13, SubscriberStatus.SUSPENDED);
            setStatus(13, SubscriberStatus.ACTIVE);
            assertThat(ScratchNode.card(13).sqn(ask(13, 1).join().getFirst()) >>> 5)
                    .isGreaterThan(last);
        }
    }

    @Test
    void hearsWhatAnotherNodeChanges() throws Exception {
        try (AuthenticationCentre other = newCentre(1000)) {
            assertThat(ask(14, 1).join()).hasSize(1);
            other.withdraw(
                    ScratchNode.supi(14),
                    () -> node.database().write(connection -> {
                        node.store()
                                .updateStatus(connection, List.of(ScratchNode.supi(14)), SubscriberStatus.SUSPENDED);
                        return true;
                    }));
            while (true) {
                try {
                    assertThat(ask(14, 1).join()).hasSize(1);
                    Thread.sleep(20);
                } catch (CompletionException e) {
                    assertThat(e).hasCauseInstanceOf(AuthenticationException.Suspended.class);
                    return;
                }
            }
        }
    }

    @Test
    void countsWhoWasInUse() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        AucSettings settings = new AucSettings(0, 1, 100, EngineChoice.PORTABLE_ONLY, meters);
        try (AuthenticationCentre metered =
                new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), settings)) {
            for (int i = 0; i < 5; i++) {
                assertThat(metered.authenticate(new VectorRequest(ScratchNode.supi(15), EPS, 1, Optional.empty()))
                                .join())
                        .hasSize(1);
            }
            assertThatThrownBy(() -> metered.authenticate(
                                    new VectorRequest(ScratchNode.supi(SUBSCRIBERS), EPS, 1, Optional.empty()))
                            .join())
                    .hasCauseInstanceOf(AuthenticationException.UnknownSubscriber.class);
        }
        assertThat(meters.counter("kiln_vector_requests_refused_total", "reason", "unknown")
                        .count())
                .isEqualTo(1);
        double hits =
                meters.counter("kiln_subscriber_cache_total", "result", "hit").count();
        double misses =
                meters.counter("kiln_subscriber_cache_total", "result", "miss").count();
        assertThat(hits + misses).isEqualTo(6);
        assertThat(misses)
                .as("the first, the unknown one, and one when the centre begins to hear of changes")
                .isBetween(2.0, 3.0);
    }

    @Test
    void whoIsAskedForTooOftenIsToldOfOnceInAWindow() {
        List<Supi> told = new CopyOnWriteArrayList<>();
        AucSettings settings = new AucSettings(
                0,
                1,
                100,
                EngineChoice.PORTABLE_ONLY,
                new SimpleMeterRegistry(),
                new SubscriberWatch(3, 3_600, told::add));
        try (AuthenticationCentre watched =
                new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), settings)) {
            for (int i = 0; i < 10; i++) {
                for (int number : i < 3 ? new int[] {15, 16} : new int[] {15}) {
                    watched.authenticate(new VectorRequest(ScratchNode.supi(number), EPS, 1, Optional.empty()))
                            .join();
                }
            }
        }
        assertThat(told).containsExactly(ScratchNode.supi(15));
    }

    @Test
    void aStatusChangedInTheDatabaseByAnotherHandIsRefused() {
        setStatus(12, SubscriberStatus.SUSPENDED);
        node.database().write(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("update subscriber set status = 'ACTIVE' where supi = ?")) {
                update.setString(1, ScratchNode.supi(12).value());
                return update.executeUpdate();
            }
        });
        assertThatThrownBy(() -> ask(12, 1).join()).hasCauseInstanceOf(AuthenticationException.RecordDamaged.class);
    }

    @Test
    void concurrentRequestsForOneSubscriberShareNoSqn() {
        List<CompletableFuture<List<AuthenticationVector>>> asked = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            asked.add(ask(3, 5));
        }
        Set<Long> sqns = new HashSet<>();
        for (CompletableFuture<List<AuthenticationVector>> answer : asked) {
            for (AuthenticationVector vector : answer.join()) {
                assertThat(sqns.add(ScratchNode.card(3).sqn(vector))).isTrue();
            }
        }
        assertThat(sqns).hasSize(1000).doesNotContain(-1L);
    }

    @Test
    void aRestartHandsOutNoSqnAgain() {
        long highest = 0;
        for (int life = 0; life < 4; life++) {
            for (int i = 0; i < 300; i++) {
                for (AuthenticationVector vector : ask(5, 5).join()) {
                    long sqn = ScratchNode.card(5).sqn(vector);
                    assertThat(sqn).isGreaterThan(highest);
                    highest = sqn;
                }
            }
            centre.close();
            centre = newCentre(1000);
        }
    }

    @Test
    void moreSubscribersThanItKeepsReadyAreServedAndLeaveNothingBehind() {
        centre.close();
        centre = newCentre(4);
        for (int round = 0; round < 3; round++) {
            for (int number = 0; number < SUBSCRIBERS; number++) {
                assertThat(ScratchNode.card(number).sqn(ask(number, 1).join().getFirst()))
                        .isPositive();
            }
        }
        assertThat(centre.activeSubscribers()).isLessThanOrEqualTo(6);
        long sessionKeys = node.tokens()
                .call(session -> session.findObjects(Template.builder()
                                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                                .with(Cka.TOKEN, false)
                                .build())
                        .length);
        assertThat(sessionKeys)
                .as("of subscribers, and the key of OPc in each lane")
                .isLessThanOrEqualTo(6 + 2);
    }

    @Test
    void resynchronisesWithTheCard() {
        byte[] rand = ask(9, 1).join().getFirst().rand();
        long sqnMs = 0x0000_4000_0000L;
        AuthenticationVector vector =
                resynchronise(9, rand, ScratchNode.card(9).auts(rand, sqnMs)).getFirst();
        long first = ScratchNode.card(9).sqn(vector) >>> 5;
        assertThat(first).isBetween((sqnMs >>> 5) + 1, (sqnMs >>> 5) + 600);
        centre.close();
        centre = newCentre(1000);
        assertThat(ScratchNode.card(9).sqn(ask(9, 1).join().getFirst()) >>> 5).isGreaterThan(first);
    }

    @Test
    void aForgedAutsIsRejectedAndChangesNothing() {
        AuthenticationVector first = ask(9, 1).join().getFirst();
        byte[] auts = ScratchNode.card(9).auts(first.rand(), 0x7f_ffff_ffffL);
        auts[13] ^= 1;
        assertThatThrownBy(() -> resynchronise(9, first.rand(), auts))
                .hasCauseInstanceOf(AuthenticationException.Rejected.class);
        long before = ScratchNode.card(9).sqn(first);
        long after = ScratchNode.card(9).sqn(ask(9, 1).join().getFirst());
        assertThat((after >>> 5) - (before >>> 5)).isBetween(1L, 100_000L);
    }

    @Test
    void aRecordMovedToAnotherSubscriberIsRefused() {
        node.database().write(connection -> {
            try (PreparedStatement move = connection.prepareStatement(
                    "update subscriber set ki_blob = (select ki_blob from subscriber where supi = ?) where supi = ?")) {
                move.setString(1, ScratchNode.supi(1).value());
                move.setString(2, ScratchNode.supi(2).value());
                return move.executeUpdate();
            }
        });
        assertThatThrownBy(() -> ask(2, 1).join()).hasCauseInstanceOf(AuthenticationException.RecordDamaged.class);
    }
}
