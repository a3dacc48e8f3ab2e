package org.kiln.kms.hsm;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenProfile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One or more tokens that hold the same keys, worked as one. A task goes to the lane with the fewest tasks; what a token
 * leaves undone when it is lost is done by another. Safe for use by many threads.
 */
public final class TokenCluster implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TokenCluster.class);

    /** How often a request is tried before its failure is told. */
    public static final int MOST_TRIES = 4;

    private static final int LOOKS_PER_DEADLINE = 4;

    private final TokenProfile profile;
    private final LaneSettings settings;
    private final List<Token> tokens;
    private final ScheduledExecutorService watch;

    private TokenCluster(List<TokenAccess> accesses, LaneSettings settings, Consumer<Session> admission) {
        this.settings = settings;
        profile = accesses.getFirst().profile();
        tokens = accesses.stream()
                .map(access -> new Token(access, settings, isAlone(access, accesses), admission, this::place))
                .toList();
        watch = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("token-watch").daemon().factory());
    }

    private static boolean isAlone(TokenAccess access, List<TokenAccess> all) {
        Path module = access.module().file();
        return all.stream()
                        .filter(other -> other.module().file().equals(module))
                        .count()
                == 1;
    }

    /**
     * Enters all tokens. One that cannot be entered is tried again in the background, as long as another serves.
     *
     * @param accesses tokens of one profile
     * @param admission tests a token before it serves, on a session of the user's; throws
     *     {@link org.kiln.token.TokenException} if it must not
     * @throws RuntimeException what the first token answered, if none can be entered
     */
    public static TokenCluster open(List<TokenAccess> accesses, LaneSettings settings, Consumer<Session> admission) {
        TokenCluster cluster = new TokenCluster(accesses, settings, admission);
        cluster.enterAll();
        return cluster;
    }

    private void enterAll() {
        Map<Token, RuntimeException> refusals = new LinkedHashMap<>();
        for (Token token : tokens) {
            try {
                token.enter();
            } catch (RuntimeException e) {
                refusals.put(token, e);
            }
        }
        if (refusals.size() == tokens.size()) {
            close();
            throw refusals.values().iterator().next();
        }
        refusals.forEach((token, why) -> {
            LOG.warn("token '{}' does not serve: {}", token.label(), why.getMessage());
            token.recoverSoon();
        });
        long pause = Math.max(1, settings.deadline().toMillis() / LOOKS_PER_DEADLINE);
        var _ = watch.scheduleWithFixedDelay(this::look, pause, pause, TimeUnit.MILLISECONDS);
    }

    private void look() {
        long now = System.nanoTime();
        for (Token token : tokens) {
            for (Lane lane : token.lanes()) {
                if (lane.overdue(now, settings.deadline().toNanos())) {
                    token.abandon(lane);
                }
            }
        }
    }

    public TokenProfile profile() {
        return profile;
    }

    public List<Token> tokens() {
        return tokens;
    }

    /** Tasks that wait or run on all lanes. */
    public int load() {
        return tokens.stream()
                .flatMap(token -> token.lanes().stream())
                .mapToInt(Lane::load)
                .sum();
    }

    /** Lanes that take work now. */
    public int lanes() {
        return tokens.stream().mapToInt(token -> token.lanes().size()).sum();
    }

    /**
     * Hands a task to the lane with the fewest.
     *
     * @throws TokenBusyException at once, if every lane is full
     * @throws TokenUnavailableException at once, if no token is in service
     */
    public void submit(LaneTask task) {
        Lane best = null;
        for (Token token : tokens) {
            best = lessLoaded(best, token.lanes());
        }
        offer(best, task);
    }

    /** Hands a task to the token on which {@code login} lives; false if that life is over or its lanes are full. */
    public boolean submitTo(Login login, LaneTask task) {
        for (Token token : tokens) {
            Lane lane = lessLoaded(null, token.lanes());
            if (lane != null && lane.session().login().equals(login)) {
                return lane.offer(task);
            }
        }
        return false;
    }

    private static @Nullable Lane lessLoaded(@Nullable Lane best, List<Lane> lanes) {
        Lane lightest = best;
        for (int i = 0; i < lanes.size(); i++) {
            Lane lane = lanes.get(i);
            if (lightest == null || lane.load() < lightest.load()) {
                lightest = lane;
            }
        }
        return lightest;
    }

    private void offer(@Nullable Lane lane, LaneTask task) {
        if (lane == null) {
            throw new TokenUnavailableException();
        }
        if (!lane.offer(task)) {
            throw lanes() == 0 ? new TokenUnavailableException() : new TokenBusyException();
        }
    }

    private void place(LaneTask task) {
        try {
            submit(task);
        } catch (TokenBusyException | TokenUnavailableException e) {
            task.lost(e);
        }
    }

    /**
     * Runs {@code work} on a lane and waits for its result; what it throws is thrown here. Not for event loops. See
     * {@link #start} for work that is run twice.
     */
    public <T> T call(Function<LaneSession, T> work) {
        if (Thread.currentThread() instanceof Lane.LaneThread thread
                && tokens.stream().anyMatch(token -> token.has(thread.lane()))) {
            return work.apply(thread.lane().session());
        }
        return joined(start(work));
    }

    /** Runs {@code work} on every token in service, one after the other, and waits; what it throws is thrown here. */
    public void callEach(Consumer<LaneSession> work) {
        for (Token token : tokens) {
            Lane lane = lessLoaded(null, token.lanes());
            if (lane != null) {
                CompletableFuture<Boolean> done = new CompletableFuture<>();
                offer(lane, new Once(work, done));
                joined(done);
            }
        }
    }

    private static <T> T joined(CompletableFuture<T> result) {
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Work that is done on one token or not at all. */
    private record Once(Consumer<LaneSession> work, CompletableFuture<Boolean> done) implements LaneTask {

        @Override
        public void run(LaneSession session) {
            try {
                work.accept(session);
                done.complete(true);
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        }

        @Override
        public void lost(RuntimeException why) {
            done.completeExceptionally(why);
        }
    }

    /**
     * Runs {@code work} on a lane. If its token is lost, it is run again from its start on another, while the first run
     * may still be in a call that does not return: it should have no lasting effect but its result.
     *
     * @return fails with {@link TokenBusyException}, {@link TokenUnavailableException} or what {@code work} throws
     */
    public <T> CompletableFuture<T> start(Function<LaneSession, T> work) {
        return new Errand<>(work, this::submit).begin();
    }

    /**
     * As {@link #start}, on the first token of the configuration alone: for work with keys that the others need not
     * hold, such as transport keys.
     */
    public <T> CompletableFuture<T> startOnFirst(Function<LaneSession, T> work) {
        return new Errand<>(
                        work, task -> offer(lessLoaded(null, tokens.getFirst().lanes()), task))
                .begin();
    }

    /** As {@link #call}, on the first token alone. */
    public <T> T callOnFirst(Function<LaneSession, T> work) {
        return joined(startOnFirst(work));
    }

    /** Work with a result, tried a few times. */
    private final class Errand<T> {

        private final Function<LaneSession, T> work;
        private final Consumer<LaneTask> submission;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private int tries;

        Errand(Function<LaneSession, T> work, Consumer<LaneTask> submission) {
            this.work = work;
            this.submission = submission;
        }

        CompletableFuture<T> begin() {
            tryOnce();
            return result;
        }

        private void tryOnce() {
            tries++;
            try {
                submission.accept(new Try());
            } catch (TokenBusyException | TokenUnavailableException e) {
                result.completeExceptionally(e);
            }
        }

        private void failed(Throwable why) {
            if (tries < MOST_TRIES && worthAnotherTry(why)) {
                tryOnce();
            } else {
                result.completeExceptionally(why);
            }
        }

        private final class Try implements LaneTask {

            private final AtomicBoolean settled = new AtomicBoolean();

            @Override
            public void run(LaneSession session) {
                try {
                    T value = work.apply(session);
                    if (settled.compareAndSet(false, true)) {
                        result.complete(value);
                    }
                } catch (RuntimeException | Error e) {
                    lost(e);
                }
            }

            @Override
            public void lost(RuntimeException why) {
                lost((Throwable) why);
            }

            private void lost(Throwable why) {
                if (settled.compareAndSet(false, true)) {
                    failed(why);
                }
            }
        }
    }

    /** Whether a request that failed so may succeed on another token, or on this one with a new session. */
    public static boolean worthAnotherTry(Throwable failure) {
        return Trouble.worthAnotherTry(failure);
    }

    @Override
    public void close() {
        watch.shutdownNow();
        tokens.forEach(Token::close);
    }
}
