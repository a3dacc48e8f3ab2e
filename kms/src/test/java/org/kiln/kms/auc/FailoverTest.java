package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.kiln.token.Eventually.until;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.hsm.LaneSettings;
import org.kiln.kms.hsm.Token;
import org.kiln.kms.hsm.TokenAccess;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.OpcKeysInMemory;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.sqn.SqnScheme;
import org.kiln.kms.sqn.SqnState;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.ScratchToken;
import org.kiln.token.TokenServer;

/** Two tokens in processes of their own serve under load while one is killed, hangs, and comes back. */
class FailoverTest {

    private static final VectorKind EPS = VectorKind.EpsAka.of(new PlmnId("001", "01"));
    private static final int SUBSCRIBERS = 60;
    private static final int CALLERS = 6;

    @TempDir
    private Path folder;

    private TokenServer first;
    private TokenServer second;
    private TokenCluster tokens;
    private RecordMac mac;
    private Database database;
    private AuthenticationCentre centre;

    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final Set<String> sqns = ConcurrentHashMap.newKeySet();
    private final AtomicLong answers = new AtomicLong();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final List<Thread> callers = new ArrayList<>();

    @BeforeEach
    void open() throws Exception {
        assumeTrue(TokenServer.possible(), "gcc is not installed");
        try (ScratchKeys keys = ScratchKeys.create()) {
            first = new TokenServer(keys.token(), folder.resolve("a"));
            second = new TokenServer(keys.token(), folder.resolve("b"));
        }
        List<TokenAccess> accesses = Stream.of(first, second)
                .map(server ->
                        new TokenAccess(server.module(), ScratchToken.profile(), server.label(), ScratchToken::userPin))
                .toList();
        tokens = TokenCluster.open(accesses, new LaneSettings(2, 256, Duration.ofMillis(500)), session -> {});
        KeyRing ring = new KeyRing();
        StorageKeys keys = new StorageKeys(ring, tokens.profile(), () -> 1, new OpcKeysInMemory());
        mac = tokens.call(session -> RecordMac.derive(session, ring));
        database = Database.open(ScratchDatabase.in(folder));
        database.migrate("auc");
        SubscriberStore store = new SubscriberStore(database, mac);
        List<Subscriber> subscribers = tokens.call(session -> {
            List<Subscriber> made = new ArrayList<>();
            for (int number = 0; number < SUBSCRIBERS; number++) {
                made.add(subscriber(session, keys, number));
            }
            return made;
        });
        database.write(connection -> {
            store.insert(connection, subscribers);
            return subscribers.size();
        });
        centre = new AuthenticationCentre(tokens, keys, store, 0, 1, 1000);
    }

    private static Subscriber subscriber(Session session, StorageKeys keys, int number) {
        KeyPolicy policy = new KeyPolicy(false);
        try (Arena arena = Arena.ofConfined()) {
            Template ki = policy.newCode(arena.allocateFrom(ValueLayout.JAVA_BYTE, ScratchNode.ki(number)));
            Template opc = policy.newOpc(arena.allocateFrom(ValueLayout.JAVA_BYTE, ScratchNode.opc(number)));
            WrappedKey storedKi = keys.hide(session, session.createObject(ki));
            WrappedKey storedOpc = keys.shelve(session, session.createObject(opc));
            return new Subscriber(
                    ScratchNode.supi(number),
                    Algorithm.Milenage.STANDARD,
                    storedKi,
                    storedOpc,
                    0x8000,
                    new SqnState(SqnScheme.TIME_BASED, 5, 0));
        }
    }

    @AfterEach
    void close() throws Exception {
        if (centre != null) {
            centre.close();
            tokens.close();
            database.close();
            mac.close();
            first.kill();
            second.kill();
        }
    }

    @Test
    void noRequestIsLostAndNoneAnsweredWronglyWhileTokensComeAndGo() throws Exception {
        startCallers();
        untilAnswered(500);

        first.kill();
        until(() -> state(0) == Token.State.OUT);
        untilAnswered(500);
        first.start();
        until(() -> state(0) == Token.State.IN_SERVICE);
        untilAnswered(500);

        second.hang();
        until(() -> state(1) == Token.State.OUT);
        untilAnswered(500);
        second.goOn();
        until(() -> state(1) == Token.State.IN_SERVICE);
        untilAnswered(500);

        second.kill();
        second.start();
        untilAnswered(500);
        until(() -> state(1) == Token.State.IN_SERVICE);

        first.kill();
        untilAnswered(500);

        stopping.set(true);
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(failures).isEmpty();
        until(() -> tokens.load() == 0);
    }

    private Token.State state(int token) {
        return tokens.tokens().get(token).state();
    }

    /** Callers that ask for vectors without a pause and check each as the card would. */
    private void startCallers() {
        for (int i = 0; i < CALLERS; i++) {
            int caller = i;
            callers.add(Thread.ofPlatform().start(() -> {
                for (int n = 0; !stopping.get(); n++) {
                    ask((caller + n * CALLERS) % SUBSCRIBERS);
                }
            }));
        }
    }

    private void ask(int number) {
        try {
            List<AuthenticationVector> vectors = centre.authenticate(
                            new VectorRequest(ScratchNode.supi(number), EPS, 2, Optional.empty()))
                    .join();
            for (AuthenticationVector vector : vectors) {
                long sqn = ScratchNode.card(number).sqn(vector);
                if (sqn < 0 || !sqns.add(number + "/" + sqn)) {
                    throw new AssertionError("a wrong vector, or an SQN for the second time: " + number + "/" + sqn);
                }
            }
            answers.incrementAndGet();
        } catch (RuntimeException | Error e) {
            failures.add(e);
        }
    }

    private void untilAnswered(long more) throws InterruptedException {
        long goal = answers.get() + more;
        until(() -> answers.get() >= goal || !failures.isEmpty());
    }
}
