package org.kiln.kms.hsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.kiln.token.Eventually.until;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.secret.Secret;
import org.kiln.token.ScratchToken;
import org.kiln.token.TokenException;
import org.kiln.token.TokenServer;

class TokenClusterTest {

    private static final Duration SHORT = Duration.ofMillis(400);
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    private final List<TokenServer> servers = new ArrayList<>();
    private final List<TokenCluster> clusters = new ArrayList<>();
    private TokenServer server;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(TokenServer.possible(), "gcc is not installed");
        server = newServer("a");
    }

    @AfterEach
    void stop() throws Exception {
        clusters.forEach(TokenCluster::close);
        for (TokenServer each : servers) {
            each.goOn();
            each.kill();
        }
    }

    private TokenServer newServer(String name) throws Exception {
        TokenServer made = new TokenServer(ScratchToken.create(), folder.resolve(name));
        servers.add(made);
        return made;
    }

    private static TokenAccess access(TokenServer server) {
        return new TokenAccess(server.module(), ScratchToken.profile(), server.label(), ScratchToken::userPin);
    }

    private TokenCluster open(int lanes, int queue, Duration deadline) {
        return open(List.of(access(server)), new LaneSettings(lanes, queue, deadline));
    }

    private TokenCluster open(List<TokenAccess> accesses, LaneSettings settings) {
        TokenCluster cluster = TokenCluster.open(accesses, settings, session -> {});
        clusters.add(cluster);
        return cluster;
    }

    private static Login random(LaneSession session) {
        try (Arena arena = Arena.ofShared()) {
            session.generateRandom(arena.allocate(16));
            return session.login();
        }
    }

    @Test
    void aCallThatOutlastsItsDeadlineFreesItsCallerAndCostsItsLaneOnly() throws Exception {
        TokenCluster tokens = open(2, 16, SHORT);
        server.hangNextRandom();
        List<CompletableFuture<Login>> asked = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            asked.add(tokens.start(TokenClusterTest::random));
        }
        for (CompletableFuture<Login> each : asked) {
            assertThat(each.join().life()).isEqualTo(1);
        }
        assertThat(server.hangs()).isTrue();
        assertThat(tokens.tokens().getFirst().state()).isEqualTo(Token.State.IN_SERVICE);
        until(() -> tokens.lanes() == 2);
        server.release();
        assertThat(tokens.call(TokenClusterTest::random).life()).isEqualTo(1);
        until(() -> tokens.load() == 0);
    }

    @Test
    void fullLanesAnswerBusyAtOnce() throws Exception {
        TokenCluster tokens = open(1, 16, LONG);
        server.hangNextRandom();
        CompletableFuture<Login> hanging = tokens.start(TokenClusterTest::random);
        until(server::hangs);
        List<CompletableFuture<Login>> waiting = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            waiting.add(tokens.start(LaneSession::login));
        }
        assertThatThrownBy(() -> tokens.call(LaneSession::login)).isInstanceOf(TokenBusyException.class);
        server.release();
        hanging.join();
        waiting.forEach(CompletableFuture::join);
    }

    /** Tells when it is run and when it hands over. */
    private record Noted(String name, Consumer<LaneSession> work, List<String> story) implements LaneTask.Answering {

        Noted(String name, List<String> story) {
            this(name, session -> {}, story);
        }

        @Override
        public void run(LaneSession session) {
            story.add("run " + name);
            try {
                work.accept(session);
            } catch (TokenLostException e) {
                story.add("cut off " + name);
            }
        }

        @Override
        public void answer() {
            story.add("answer " + name);
        }

        @Override
        public void lost(RuntimeException why) {
            story.add("lost " + name);
        }
    }

    @Test
    void answersAreHandedOverTogetherAndBeforeOtherWork() throws Exception {
        TokenCluster tokens = open(1, 64, LONG);
        List<String> story = Collections.synchronizedList(new ArrayList<>());
        server.hangNextRandom();
        CompletableFuture<Login> before = tokens.start(TokenClusterTest::random);
        until(server::hangs);
        for (String name : List.of("a", "b", "c")) {
            tokens.submit(new Noted(name, story));
        }
        CompletableFuture<Boolean> other = tokens.start(session -> story.add("other"));
        for (int i = 0; i < 17; i++) {
            tokens.submit(new Noted(String.valueOf(i), story));
        }
        CompletableFuture<Boolean> last = tokens.start(session -> true);
        server.release();
        before.join();
        other.join();
        last.join();
        assertThat(story)
                .startsWith("run a", "run b", "run c", "answer a", "answer b", "answer c", "other", "run 0")
                .containsSubsequence("run 15", "answer 0", "answer 15", "run 16", "answer 16");
    }

    @Test
    void whatTookLongIsHandedOverBeforeTheNextBegins() throws Exception {
        TokenCluster tokens = open(1, 64, LONG);
        List<String> story = Collections.synchronizedList(new ArrayList<>());
        server.hangNextRandom();
        CompletableFuture<Login> before = tokens.start(TokenClusterTest::random);
        until(server::hangs);
        tokens.submit(new Noted("slow", session -> LockSupport.parkNanos(5_000_000), story));
        tokens.submit(new Noted("next", story));
        server.release();
        before.join();
        until(() -> story.contains("answer next"));
        assertThat(story).startsWith("run slow", "answer slow", "run next");
    }

    @Test
    void whatWasDoneBeforeACallThatHangsIsHandedOverWhenItsLaneIsGivenUp() throws Exception {
        TokenCluster tokens = open(1, 64, SHORT);
        List<String> story = Collections.synchronizedList(new ArrayList<>());
        server.hangNextRandom();
        tokens.submit(new Noted("a", story));
        tokens.submit(new Noted("b", TokenClusterTest::random, story));
        until(() -> story.contains("answer a") && story.contains("lost b"));
        assertThat(server.hangs()).isTrue();
        server.release();
        until(() -> story.contains("cut off b"));
        assertThat(story).containsOnlyOnce("answer a");
    }

    @Test
    void aTokenThatIsRestartedComesBackAsANewLife() throws Exception {
        TokenCluster tokens = open(2, 16, LONG);
        server.kill();
        assertThatThrownBy(() -> tokens.call(TokenClusterTest::random))
                .isInstanceOfAny(TokenUnavailableException.class, Pkcs11Exception.class);
        assertThat(tokens.tokens().getFirst().state()).isEqualTo(Token.State.OUT);
        assertThatThrownBy(() -> tokens.call(TokenClusterTest::random)).isInstanceOf(TokenUnavailableException.class);
        server.start();
        until(() -> tokens.tokens().getFirst().state() == Token.State.IN_SERVICE);
        assertThat(tokens.call(TokenClusterTest::random).life()).isGreaterThan(1);
    }

    @Test
    void workUnderWayOnALostTokenIsDoneByAnother() throws Exception {
        TokenServer other = newServer("b");
        TokenCluster tokens = open(List.of(access(server), access(other)), new LaneSettings(1, 16, LONG));
        server.hangNextRandom();
        CompletableFuture<Login> asked = tokens.start(TokenClusterTest::random);
        until(server::hangs);
        server.kill();
        server.release();
        assertThat(asked.join().token()).isEqualTo(other.label());
    }

    @Test
    void aRefusedPinIsNotTriedAgain() throws Exception {
        TokenServer other = newServer("b");
        AtomicInteger tries = new AtomicInteger();
        TokenAccess wrong = new TokenAccess(other.module(), ScratchToken.profile(), other.label(), () -> {
            tries.incrementAndGet();
            return Secret.takeFrom("not-the-pin".toCharArray());
        });
        TokenCluster tokens = open(List.of(access(server), wrong), new LaneSettings(1, 16, LONG));
        assertThat(tokens.tokens().getLast().state()).isEqualTo(Token.State.REFUSED);
        tokens.tokens().getLast().recoverSoon();
        assertThat(tokens.call(TokenClusterTest::random).token()).isEqualTo(server.label());
        assertThat(tries).hasValue(1);
    }

    @Test
    void aClusterWithoutAnyTokenSaysWhatTheFirstAnswered() {
        assertThatThrownBy(() -> TokenCluster.open(List.of(access(server)), new LaneSettings(1, 16, LONG), session -> {
                    throw new TokenException("the token fails its self-test");
                }))
                .isInstanceOf(TokenException.class)
                .hasMessageContaining("self-test");
    }

    @Test
    void aLaneTakesANewSessionAfterAHandleWasRefused() {
        TokenCluster tokens = open(1, 16, LONG);
        LaneSession before = tokens.call(session -> session);
        assertThatThrownBy(() -> tokens.call(session -> {
                    session.destroyObject(0x7fff_ffff);
                    return session;
                }))
                .isInstanceOfSatisfying(
                        Pkcs11Exception.class, e -> assertThat(e.ckr()).isEqualTo(Ckr.OBJECT_HANDLE_INVALID));
        LaneSession after = tokens.call(session -> session);
        assertThat(before.isOpen()).isFalse();
        assertThat(after.isOpen()).isTrue();
        assertThat(after.login()).isSameAs(before.login());
        assertThatThrownBy(() -> random(before)).isInstanceOf(TokenLostException.class);
    }

    @Test
    void aCallThatFailsBeforeItReachesTheTokenCostsNoLane() throws Exception {
        TokenCluster tokens = open(1, 16, SHORT);
        LaneSession before = tokens.call(session -> session);
        assertThatThrownBy(() -> tokens.call(session -> {
                    try (Arena arena = Arena.ofConfined()) {
                        return session.encrypt(
                                Mechanism.of(Ckm.AES_ECB), 1, arena.allocate(16), 32, arena.allocate(16));
                    }
                }))
                .isInstanceOf(IndexOutOfBoundsException.class);
        Thread.sleep(2 * SHORT.toMillis());
        LaneSession after = tokens.call(session -> session);
        assertThat((Object) after).isSameAs(before);
    }
}
