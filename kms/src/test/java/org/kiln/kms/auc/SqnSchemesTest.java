package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.VectorRequest.Resynchronisation;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.provisioning.SubscriberImport.OnBadRow;
import org.kiln.kms.sqn.Sqn;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.sqn.Usim;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.subscriber.EngineChoice;

/** Every scheme of sequence numbers through the whole authentication centre, on a real token and a real store. */
@Tag(ScratchDatabase.TAG)
class SqnSchemesTest {

    private static final VectorKind EPS = VectorKind.EpsAka.of(new PlmnId("001", "01"));

    @TempDir
    private Path folder;

    private static List<AuthenticationVector> ask(
            AuthenticationCentre centre, int count, Optional<Resynchronisation> failure) {
        return centre.authenticate(new VectorRequest(ScratchNode.supi(0), EPS, count, failure))
                .join();
    }

    private static void provision(ScratchNode node, SqnScheme scheme, int indLength) throws Exception {
        Path file = node.loadFile(ScratchNode.row(0) + "," + scheme + "," + indLength);
        Files.writeString(file, Files.readString(file).replaceFirst("\n", ",sqnScheme,indLength\n"));
        node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {});
    }

    private static AuthenticationCentre centre(ScratchNode node) {
        return new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, 100);
    }

    @ParameterizedTest
    @CsvSource({"TIME_BASED, 5", "NON_TIME_BASED, 5", "GENERAL, 5", "NON_TIME_BASED, 0", "GENERAL, 28"})
    void noSqnTwiceAndEachAcceptedThoughTheCentreIsStartedAnew(SqnScheme scheme, int indLength) throws Exception {
        try (ScratchNode node = new ScratchNode(folder)) {
            provision(node, scheme, indLength);
            Usim usim = new Usim(new Sqn(Math.min(indLength, 16)), Sqn.DELTA, 0);
            Set<Long> handedOut = new HashSet<>();
            for (int life = 0; life < 4; life++) {
                try (AuthenticationCentre centre = centre(node)) {
                    for (int request = 0; request < 100; request++) {
                        List<AuthenticationVector> vectors = ask(centre, 5, Optional.empty());
                        Set<Integer> inds = new HashSet<>();
                        for (AuthenticationVector vector : vectors) {
                            long sqn = ScratchNode.card(0).sqn(vector);
                            assertThat(sqn).isPositive();
                            assertThat(handedOut.add(sqn)).isTrue();
                            inds.add(new Sqn(indLength).ind(sqn));
                            if (indLength <= 16) {
                                assertThat(usim.accept(sqn)).isTrue();
                            }
                        }
                        assertThat(inds).as("one IND for one request").hasSize(1);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(SqnScheme.class)
    void aCardThatIsAheadIsFollowedAndAReplayOfItsFailureChangesNothing(SqnScheme scheme) throws Exception {
        try (ScratchNode node = new ScratchNode(folder)) {
            provision(node, scheme, 5);
            try (AuthenticationCentre centre = centre(node)) {
                AuthenticationVector refused = ask(centre, 1, Optional.empty()).getFirst();
                long sqnMs = ScratchNode.card(0).sqn(refused) + (1L << 25);
                Resynchronisation failure = new Resynchronisation(
                        refused.rand(), ScratchNode.card(0).auts(refused.rand(), sqnMs));
                long next = ScratchNode.card(0)
                        .sqn(ask(centre, 1, Optional.of(failure)).getFirst());
                assertThat(next >>> 5).isBetween((sqnMs >>> 5) + 1, (sqnMs >>> 5) + Sqn.DELTA);

                long replayed = ScratchNode.card(0)
                        .sqn(ask(centre, 1, Optional.of(failure)).getFirst());
                assertThat(replayed >>> 5).isGreaterThan(next >>> 5);
            }
            try (AuthenticationCentre again = centre(node)) {
                assertThat(ScratchNode.card(0)
                                .sqn(ask(again, 1, Optional.empty()).getFirst()))
                        .isPositive();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(SqnScheme.class)
    void whoResynchronisesWithoutEndIsSlowedDownAndVectorsStillCome(SqnScheme scheme) throws Exception {
        try (ScratchNode node = new ScratchNode(folder)) {
            provision(node, scheme, 5);
            try (AuthenticationCentre centre = centre(node)) {
                AuthenticationVector refused = ask(centre, 1, Optional.empty()).getFirst();
                Optional<Resynchronisation> failure = Optional.of(new Resynchronisation(
                        refused.rand(), ScratchNode.card(0).auts(refused.rand(), 0)));
                for (int i = 0; i < ResyncLimit.BURST; i++) {
                    ask(centre, 1, failure);
                }
                assertThatThrownBy(() -> {
                            for (int i = 0; i < 3; i++) {
                                ask(centre, 1, failure);
                            }
                        })
                        .hasCauseInstanceOf(AuthenticationException.TooManyResynchronisations.class);
                assertThat(ask(centre, 1, Optional.empty())).hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = SqnScheme.class, names = "TIME_BASED", mode = EnumSource.Mode.EXCLUDE)
    void whoComesBackIsGivenWhatWasReservedForHim(SqnScheme scheme) throws Exception {
        int cards = 8;
        try (ScratchNode node = new ScratchNode(folder)) {
            Path file = node.loadFile(IntStream.range(0, cards)
                    .mapToObj(number -> ScratchNode.row(number) + "," + scheme)
                    .toArray(String[]::new));
            Files.writeString(file, Files.readString(file).replaceFirst("\n", ",sqnScheme\n"));
            node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {});
            Usim[] usims = new Usim[cards];
            Arrays.setAll(usims, _ -> new Usim(new Sqn(5), Sqn.DELTA, 0));
            SimpleMeterRegistry meters = new SimpleMeterRegistry();
            AucSettings settings = new AucSettings(0, 1, 1, EngineChoice.PORTABLE_ONLY, meters);
            try (AuthenticationCentre centre =
                    new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), settings)) {
                long[] marks = new long[cards];
                for (int round = 0; round < 30; round++) {
                    for (int number = 0; number < cards; number++) {
                        VectorRequest request = new VectorRequest(ScratchNode.supi(number), EPS, 1, Optional.empty());
                        AuthenticationVector vector =
                                centre.authenticate(request).join().getFirst();
                        assertThat(usims[number].accept(ScratchNode.card(number).sqn(vector)))
                                .isTrue();
                        long mark = node.store()
                                .find(ScratchNode.supi(number))
                                .orElseThrow()
                                .sqn()
                                .durable();
                        assertThat(round == 0 ? mark : marks[number])
                                .as("what is on disk in round %d", round)
                                .isEqualTo(mark);
                        marks[number] = mark;
                    }
                }
            }
            assertThat(meters.counter("kiln_subscriber_cache_total", "result", "miss")
                            .count())
                    .as("subscribers who came back")
                    .isGreaterThan(3.0 * cards);
        }
    }
}
