package org.kiln.perf;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/**
 * What a vector takes of the heap on the way through the centre's core: the vector, and nothing for a block of it. Told by the
 * virtual machine's own count of the thread's allocations, once its compiler has come to the point; no time is asked.
 */
class AllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 200;
    private static final int CALLS = 2_000;

    /** One for the process, as the module reads its configuration once. */
    private static final BenchmarkToken TOKEN = new BenchmarkToken();

    private final AuthenticationCaller caller = new AuthenticationCaller();

    @BeforeAll
    static void make() {
        TOKEN.make();
    }

    @BeforeEach
    void open() {
        caller.open(TOKEN);
    }

    @AfterEach
    void close() {
        caller.close();
    }

    @AfterAll
    static void discard() throws Exception {
        TOKEN.discard();
    }

    /** The fewest octets a vector in any of many rounds, or of the first that is within the bound. */
    private static double fewest(double bound, Supplier<List<AuthenticationVector>> call) {
        double fewest = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS && fewest > bound; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            long vectors = 0;
            for (int i = 0; i < CALLS; i++) {
                vectors += call.get().size();
            }
            fewest = Math.min(fewest, (double) (THREADS.getCurrentThreadAllocatedBytes() - before) / vectors);
        }
        return fewest;
    }

    /** An array for each of its five blocks would be 160 octets more. */
    @Test
    void aVectorOfManyTakesItsOwnRoomAndNoMore() {
        double bound = 280;
        assertThat(fewest(bound, () -> caller.vectors(caller.keptKi(), 5))).isLessThanOrEqualTo(bound);
    }

    @Test
    void aVectorByItselfLikewise() {
        double bound = 400;
        assertThat(fewest(bound, () -> caller.vectors(caller.keptKi(), 1))).isLessThanOrEqualTo(bound);
    }

    @Test
    void aKeyThatIsBroughtIntoUseTakesLittle() {
        double bound = 640;
        assertThat(fewest(bound, () -> {
                    long ki = caller.bringKiIntoUse();
                    try {
                        return caller.vectors(ki, 1);
                    } finally {
                        caller.destroy(ki);
                    }
                }))
                .isLessThanOrEqualTo(bound);
    }

    /** More of them than a session keeps structures for, of one value: the first structure serves all. */
    @Test
    void aTemplateThatIsMadeAnewIsFoundAgain() {
        KeyPolicy policy = new KeyPolicy(false);
        List<Template> equal =
                IntStream.range(0, CALLS).mapToObj(_ -> policy.newCardKey(16)).toList();
        Mechanism generation = Mechanism.of(Ckm.AES_KEY_GEN);
        double bound = 64;
        try (Session session = TOKEN.openSession()) {
            double fewest = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS && fewest > bound; round++) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                for (Template template : equal) {
                    session.destroyObject(session.generateKey(generation, template));
                }
                fewest = Math.min(fewest, (double) (THREADS.getCurrentThreadAllocatedBytes() - before) / CALLS);
            }
            assertThat(fewest).isLessThanOrEqualTo(bound);
        }
    }
}
