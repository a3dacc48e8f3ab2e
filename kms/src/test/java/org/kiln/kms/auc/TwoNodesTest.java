package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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

/**
 * Two centres on one store hand out numbers to the same cards, at the same time. Cards lose vectors, visit networks that set
 * their arrays ahead, and resynchronise with whichever node they meet.
 */
@Tag(ScratchDatabase.TAG)
class TwoNodesTest {

    private static final VectorKind EPS = VectorKind.EpsAka.of(new PlmnId("001", "01"));
    private static final int CARDS = 4;
    private static final int ROUNDS = 400;

    @TempDir
    private Path folder;

    private static final class Card {

        private final int number;
        private final Usim usim = new Usim(new Sqn(5), Sqn.DELTA, 0);
        private final Set<Long> seen = new HashSet<>();

        Card(int number) {
            this.number = number;
        }

        /** Asks for vectors, and takes them in order; at the first that it refuses it resynchronises, and must be followed. */
        void authenticate(AuthenticationCentre centre, int count, boolean lost) {
            for (AuthenticationVector vector : ask(centre, count, Optional.empty())) {
                long sqn = requireNew(vector);
                if (!lost && !usim.accept(sqn)) {
                    resynchronise(centre, vector);
                    return;
                }
            }
        }

        private void resynchronise(AuthenticationCentre centre, AuthenticationVector refused) {
            byte[] auts = ScratchNode.card(number).auts(refused.rand(), usim.seqMs() << 5);
            List<AuthenticationVector> fresh = ask(centre, 1, Optional.of(new Resynchronisation(refused.rand(), auts)));
            assertThat(usim.accept(requireNew(fresh.getFirst())))
                    .as("what a resynchronisation brings")
                    .isTrue();
        }

        private List<AuthenticationVector> ask(
                AuthenticationCentre centre, int count, Optional<Resynchronisation> failure) {
            return centre.authenticate(new VectorRequest(ScratchNode.supi(number), EPS, count, failure))
                    .join();
        }

        private long requireNew(AuthenticationVector vector) {
            long sqn = ScratchNode.card(number).sqn(vector);
            assertThat(sqn).isPositive();
            assertThat(seen.add(sqn)).as("an SQN twice: %d", sqn).isTrue();
            return sqn;
        }
    }

    private static AuthenticationCentre centre(ScratchNode node, int number) {
        return new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), number, 2, 2);
    }

    private static void play(List<Card> cards, List<AuthenticationCentre> centres, long seed) {
        Random random = new Random(seed);
        int refusalsLeft = 1;
        for (int round = 0; round < ROUNDS; round++) {
            Card card = cards.get(random.nextInt(CARDS));
            synchronized (card) {
                if (refusalsLeft > 0 && random.nextInt(20) == 0) {
                    refusalsLeft--;
                    card.usim.roam(card.usim.seqMs() + random.nextInt(1 << 20));
                }
                card.authenticate(centres.get(random.nextInt(2)), 1 + random.nextInt(5), random.nextInt(10) == 0);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(SqnScheme.class)
    void neverHandOutOneNumberTwiceAndFollowTheirCards(SqnScheme scheme) throws Exception {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        try (ScratchNode node = new ScratchNode(folder)) {
            Path file = node.loadFile(IntStream.range(0, CARDS)
                    .mapToObj(number -> ScratchNode.row(number) + "," + scheme)
                    .toArray(String[]::new));
            Files.writeString(file, Files.readString(file).replaceFirst("\n", ",sqnScheme\n"));
            node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {});
            List<Card> cards = IntStream.range(0, CARDS).mapToObj(Card::new).toList();
            try (AuthenticationCentre first = centre(node, 0);
                    AuthenticationCentre second = centre(node, 1);
                    ExecutorService callers = Executors.newFixedThreadPool(3)) {
                List<Callable<Boolean>> plays = new ArrayList<>();
                for (int caller = 0; caller < 3; caller++) {
                    long own = seed + caller;
                    plays.add(() -> {
                        play(cards, List.of(first, second), own);
                        return true;
                    });
                }
                for (Future<Boolean> play : callers.invokeAll(plays)) {
                    assertThat(play.get()).as("seed %d", seed).isTrue();
                }
            }
        }
    }
}
