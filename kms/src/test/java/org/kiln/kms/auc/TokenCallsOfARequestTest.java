package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.hsm.TokenMeter;
import org.kiln.kms.provisioning.ScratchNode;

/** How often a request calls the token: what design says, and not once more, whatever the number of its vectors. */
class TokenCallsOfARequestTest {

    private static final VectorKind EPS = VectorKind.EpsAka.of(new PlmnId("001", "01"));
    private static final int SUBSCRIBERS = 40;
    private static final int ROUNDS = 5;
    private static final int REQUESTS = ROUNDS * SUBSCRIBERS;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @TempDir
    private Path folder;

    private ScratchNode node;

    @BeforeEach
    void open() throws Exception {
        node = new ScratchNode(folder);
        node.provision(SUBSCRIBERS);
        TokenMeter.show(node.tokens(), meters);
    }

    @AfterEach
    void close() {
        node.close();
    }

    /** Calls by what they ask for. RANDs are fetched many at a time. */
    private Map<String, Long> calls() {
        Map<String, Long> calls = new TreeMap<>();
        for (FunctionCounter counter : meters.find("kiln_token_calls").functionCounters()) {
            calls.merge(counter.getId().getTag("mechanism"), (long) counter.count(), Long::sum);
        }
        return calls;
    }

    private static Map<String, Long> since(Map<String, Long> before, Map<String, Long> after) {
        Map<String, Long> made = new TreeMap<>();
        after.forEach((what, count) -> {
            if (count > before.get(what)) {
                made.put(what, count - before.get(what));
            }
        });
        return made;
    }

    private static void ask(AuthenticationCentre centre, int vectors) {
        for (int request = 0; request < REQUESTS; request++) {
            int number = request % SUBSCRIBERS;
            assertThat(centre.authenticate(new VectorRequest(ScratchNode.supi(number), EPS, vectors, Optional.empty()))
                            .join())
                    .hasSize(vectors);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 32})
    void aRequestWhoseKeysAreInUseIsTwoCalls(int vectors) {
        try (AuthenticationCentre centre =
                new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, 2 * SUBSCRIBERS)) {
            ask(centre, vectors);
            Map<String, Long> before = calls();
            ask(centre, vectors);
            Map<String, Long> made = since(before, calls());
            assertThat(made).containsEntry("CKM_AES_ECB", 2L * REQUESTS);
            made.keySet().removeAll(Set.of("CKM_AES_ECB", "random"));
            assertThat(made).isEmpty();
        }
    }

    /** A lane that has not had a request yet unwraps the key of OPc once. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5, 32})
    void aRequestWhoseKeysAreNotInUseUnwrapsDecryptsAndDestroysOnceMore(int vectors) {
        try (AuthenticationCentre centre =
                new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, 1)) {
            ask(centre, vectors);
            Map<String, Long> before = calls();
            ask(centre, vectors);
            Map<String, Long> made = since(before, calls());
            assertThat(made).containsEntry("CKM_AES_ECB", 3L * REQUESTS);
            assertThat(made.get("CKM_AES_KEY_WRAP_PAD"))
                    .isBetween((long) REQUESTS, (long) REQUESTS + node.tokens().lanes());
            assertThat(made.get("object")).isBetween((long) REQUESTS - SUBSCRIBERS, (long) REQUESTS + SUBSCRIBERS);
            made.keySet().removeAll(Set.of("CKM_AES_ECB", "CKM_AES_KEY_WRAP_PAD", "object", "random"));
            assertThat(made).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 32})
    void randsAreFetchedManyAtATime(int vectors) {
        try (AuthenticationCentre centre =
                new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, 2 * SUBSCRIBERS)) {
            Map<String, Long> before = calls();
            ask(centre, vectors);
            assertThat(since(before, calls()).get("random")).isLessThanOrEqualTo(2 + (long) REQUESTS * vectors / 200);
        }
    }
}
