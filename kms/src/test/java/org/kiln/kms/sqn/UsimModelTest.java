package org.kiln.kms.sqn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kiln.kms.sqn.IndRange.Domain;

/**
 * A card against authentication centres that crash, whose clocks jump, and that share one disk: every vector that a
 * serving node uses in the order it got them is accepted, unless the card has been elsewhere; then one resynchronisation
 * is enough.
 */
class UsimModelTest {

    private static final int STEPS = 400_000;

    @ParameterizedTest(name = "{0}, {1} nodes, IND of {2} bits")
    @CsvSource({
        "TIME_BASED, 1, 5", "TIME_BASED, 4, 5", "NON_TIME_BASED, 1, 5", "NON_TIME_BASED, 2, 5", "NON_TIME_BASED, 1, 2",
        "GENERAL, 1, 5", "GENERAL, 2, 6", "GENERAL, 1, 0", "NON_TIME_BASED, 1, 0", "TIME_BASED, 2, 1"
    })
    void everyVectorInOrderIsAccepted(SqnScheme scheme, int nodes, int indLength) {
        long seed = new Random().nextLong();
        try {
            new Play(scheme, nodes, new Sqn(indLength), new Random(seed)).run();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }

    /** One card, some nodes, one disk. */
    private static final class Play {

        private final SqnScheme scheme;
        private final Sqn format;
        private final Random random;
        private final Usim usim;
        private final Node[] nodes;
        private final Set<Long> handedOut = new HashSet<>();
        private long durable;
        private long time = 18_000_000_000L;
        private int resyncs;
        private int accepted;

        Play(SqnScheme scheme, int nodes, Sqn format, Random random) {
            this.scheme = scheme;
            this.format = format;
            this.random = random;
            usim = new Usim(format, Sqn.DELTA, random.nextBoolean() ? 0 : 1 << 12);
            durable = scheme.durableAfter(random.nextInt(1000), time);
            this.nodes = new Node[nodes];
            for (int i = 0; i < nodes; i++) {
                this.nodes[i] = new Node(i);
            }
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                time += random.nextInt(3);
                Node node = nodes[random.nextInt(nodes.length)];
                switch (random.nextInt(1000)) {
                    case 0 -> node.crash();
                    case 1 -> node.skew = random.nextInt(40_000) - 20_000;
                    case 2 -> time += random.nextInt(100_000);
                    case 3 -> usim.roam(usim.seqMs() + random.nextInt(100_000));
                    default -> node.challenge(Domain.values()[random.nextInt(3)]);
                }
            }
            assertThat(accepted).isGreaterThan(STEPS / 3);
            assertThat(resyncs).isPositive();
        }

        /** An authentication centre, and beside it one serving node for each domain. */
        private final class Node {

            private final int number;
            private final Map<Domain, Deque<Long>> unused = new EnumMap<>(Domain.class);
            private long ceilingOnDisk;
            private long skew;
            private SeqClock clock;
            private SqnCeiling ceiling;
            private SqnSequence sequence;
            private long turn;

            Node(int number) {
                this.number = number;
                crash();
            }

            void crash() {
                clock = new SeqClock(() -> time + skew, ceilingOnDisk + 1);
                ceiling = new SqnCeiling(clock, value -> ceilingOnDisk = value);
                sequence = scheme.resume(durable);
                turn = random.nextInt(100);
            }

            /** The serving node uses its next vector; most often it has to ask for some first. */
            void challenge(Domain domain) {
                if (ceilingOnDisk - clock.now() < SqnCeiling.LEAD_TENTHS - SqnCeiling.RENEWAL_TENTHS) {
                    ceiling.renew();
                }
                Deque<Long> vectors = unused.computeIfAbsent(domain, any -> new ArrayDeque<>());
                if (vectors.isEmpty() || random.nextInt(3) == 0) {
                    vectors.clear();
                    vectors.addAll(generate(domain, 1 + random.nextInt(5)));
                }
                if (random.nextInt(10) == 0) {
                    vectors.poll();
                    return;
                }
                long sqn = vectors.poll();
                if (usim.accept(sqn)) {
                    accepted++;
                    return;
                }
                assertThat(format.seq(sqn))
                        .as("a vector newer than all that the card knows is never refused")
                        .isLessThanOrEqualTo(usim.seqMs());
                resynchronise();
                vectors.clear();
                vectors.addAll(generate(domain, 1));
                assertThat(usim.accept(vectors.poll()))
                        .as("after resynchronisation")
                        .isTrue();
                accepted++;
            }

            private Deque<Long> generate(Domain domain, int count) {
                long first = sequence.reserve(count, clock.now(), ceiling.value());
                if (first == SqnSequence.BOUND_REACHED) {
                    long before = durable;
                    durable = sequence.raised(before, count, clock.now());
                    if (random.nextInt(20) == 0) {
                        crash();
                    } else {
                        sequence.raise(before, durable);
                    }
                    return generate(domain, count);
                }
                int ind = IndRange.of(format, nodes.length, number, domain).at(turn++);
                Deque<Long> sqns = new ArrayDeque<>();
                for (int i = 0; i < count; i++) {
                    long sqn = format.of(first + i, ind);
                    assertThat(handedOut.add(sqn))
                            .as("SQN %x for the second time", sqn)
                            .isTrue();
                    sqns.add(sqn);
                }
                return sqns;
            }

            private void resynchronise() {
                resyncs++;
                long seqMs = usim.seqMs();
                if (sequence.wouldBeRefused(seqMs, clock.now())) {
                    durable = sequence.durableAfter(durable, seqMs, clock.now());
                    sequence.resynchronise(seqMs, durable);
                }
            }
        }
    }
}
