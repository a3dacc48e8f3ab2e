package org.kiln.kms.hsm;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.ModuleLoadException;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.TokenInfo;
import org.kiln.secret.Secret;
import org.kiln.token.TokenException;
import org.kiln.token.Tokens;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One token of a {@link TokenCluster}: logged in as its user and worked through lanes.
 *
 * <p>It leaves service when a call answers that the device or the login is gone, or when every lane has a call that
 * does not return; it is then tried again and again, and taken back once it lets the user in and passes the admission
 * test. It is not tried again after a refused PIN, which would lock it, or a failed test.
 */
public final class Token {

    private static final Logger LOG = LoggerFactory.getLogger(Token.class);
    private static final long FIRST_RETRY_MILLIS = 100;
    private static final long LAST_RETRY_MILLIS = 5_000;

    private final TokenAccess access;
    private final LaneSettings settings;
    private final boolean ownsModule;
    private final Consumer<Session> admission;
    private final Consumer<LaneTask> placeElsewhere;
    private final ScheduledExecutorService recovery;
    private final TokenCalls calls = new TokenCalls();
    private final AtomicInteger laneThreads = new AtomicInteger();
    private final AtomicInteger lanesMade = new AtomicInteger();
    private volatile List<Lane> lanes = List.of();
    private volatile State state = State.OUT;
    private volatile Login login;
    private volatile long slot;
    private volatile boolean closing;
    private @Nullable Session pinned;
    private long retryMillis = FIRST_RETRY_MILLIS;

    /** Whether a token serves. */
    public enum State {
        IN_SERVICE,
        /** Not in service, and tried again from time to time. */
        OUT,
        /** Not in service until a person has acted and this process has been started again. */
        REFUSED
    }

    /**
     * @param ownsModule whether no other token of this process is reached through the module, so that it may be
     *     initialised anew
     * @param admission throws {@link TokenException} if the token must not serve
     * @param placeElsewhere takes tasks that this token will not do
     */
    Token(
            TokenAccess access,
            LaneSettings settings,
            boolean ownsModule,
            Consumer<Session> admission,
            Consumer<LaneTask> placeElsewhere) {
        this.access = access;
        this.settings = settings;
        this.ownsModule = ownsModule;
        this.admission = admission;
        this.placeElsewhere = placeElsewhere;
        login = new Login(access.label(), 0);
        recovery = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("recovery-" + access.label()).daemon().factory());
    }

    public String label() {
        return access.label();
    }

    public State state() {
        return state;
    }

    /** What its lanes have asked of it. */
    TokenCalls calls() {
        return calls;
    }

    /** Lanes that take work now; none while the token is not in service. */
    List<Lane> lanes() {
        return lanes;
    }

    boolean has(Lane lane) {
        return lanes.contains(lane);
    }

    /**
     * Logs in, has the token tested and starts its lanes.
     *
     * @throws TokenException if there is no such token, or it fails the test
     * @throws Pkcs11Exception as the token answers
     */
    void enter() {
        TokenInfo info = Tokens.labelled(access.module().cryptoki(), access.label());
        Session session = access.module().cryptoki().openSession(info.slot(), true);
        List<Lane> made = new ArrayList<>();
        try (Secret pin = access.userPin().get()) {
            session.login(Ck.CKU_USER, pin);
            admit(session);
            slot = info.slot();
            login = new Login(access.label(), login.life() + 1);
            while (made.size() < settings.lanes()) {
                made.add(newLane());
            }
        } catch (RuntimeException e) {
            if (e instanceof Pkcs11Exception refused && refused.ckr().kind() == Ckr.Kind.PIN) {
                state = State.REFUSED;
            }
            made.forEach(Lane::dismiss);
            closeQuietly(session);
            throw e;
        }
        synchronized (this) {
            pinned = session;
            lanes = List.copyOf(made);
            state = State.IN_SERVICE;
            retryMillis = FIRST_RETRY_MILLIS;
        }
        made.forEach(this::start);
    }

    private void admit(Session session) {
        try {
            admission.accept(session);
        } catch (TokenException e) {
            state = State.REFUSED;
            throw e;
        }
    }

    private Lane newLane() {
        return new Lane("lane-" + access.label() + "-" + lanesMade.getAndIncrement(), owner, settings.queue());
    }

    private void start(Lane lane) {
        laneThreads.incrementAndGet();
        lane.start();
    }

    private final Lane.Owner owner = new Lane.Owner() {

        @Override
        public GuardedSession openSession(Lane lane) {
            GuardedSession session = new GuardedSession(
                    access.module().cryptoki().openSession(slot, true), login, calls, e -> judge(lane, e));
            if (session.state() != Ck.CKS_RW_USER_FUNCTIONS) {
                session.release();
                throw new Pkcs11Exception("C_GetSessionInfo", Ckr.USER_NOT_LOGGED_IN.code());
            }
            return session;
        }

        @Override
        public void sessionLost(Lane lane, RuntimeException why) {
            takeOut(lane, String.valueOf(why.getMessage()));
        }

        @Override
        public void placeElsewhere(LaneTask task) {
            placeElsewhere.accept(task);
        }

        @Override
        public void departed(Lane lane) {
            laneThreads.decrementAndGet();
        }
    };

    private void judge(Lane lane, Pkcs11Exception answer) {
        switch (Trouble.of(answer.ckr())) {
            case NONE -> {}
            case DOUBT -> lane.doubtSession();
            case GONE -> takeOut(lane, String.valueOf(answer.getMessage()));
        }
    }

    /** Takes the whole token out of service because of what one of its lanes saw. */
    private void takeOut(Lane witness, String why) {
        List<Lane> leaving;
        synchronized (this) {
            leaving = lanes;
            if (!leaving.contains(witness)) {
                return;
            }
            lanes = List.of();
            state = State.OUT;
        }
        LOG.warn("token '{}' is out of service: {}", access.label(), why);
        leaving.forEach(Lane::dismiss);
        recoverSoon();
    }

    /** Gives up a lane whose call does not return; the token itself, if it was the last. */
    void abandon(Lane lane) {
        synchronized (this) {
            if (!lanes.contains(lane)) {
                return;
            }
            List<Lane> left = new ArrayList<>(lanes);
            left.remove(lane);
            lanes = List.copyOf(left);
            state = left.isEmpty() ? State.OUT : State.IN_SERVICE;
        }
        LOG.warn(
                "token '{}': a call on {} outlasts {} ms; {} lanes are left",
                access.label(),
                lane.name(),
                settings.deadline().toMillis(),
                lanes.size());
        lane.dismiss();
        recoverSoon();
    }

    /** Tries to bring the token, or the lanes it has lost, back into service on a thread of its own. */
    void recoverSoon() {
        try {
            var _ = recovery.schedule(this::recover, retryMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("token '{}' is closing", access.label());
        }
    }

    private void recover() {
        if (closing || state == State.REFUSED) {
            return;
        }
        try {
            if (lanes.isEmpty()) {
                closePinned();
                enter();
                LOG.info("token '{}' is back in service", access.label());
            } else {
                replaceLostLanes();
            }
        } catch (Pkcs11Exception | TokenException | ModuleLoadException e) {
            if (state == State.REFUSED) {
                LOG.error(
                        "token '{}' stays out of service until it is put right and Kiln is restarted: {}",
                        access.label(),
                        e.getMessage());
                return;
            }
            LOG.debug("token '{}' is still out of service: {}", access.label(), e.getMessage());
            initialiseModuleAnew();
            retryMillis = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
            recoverSoon();
        }
    }

    private void replaceLostLanes() {
        while (lanes.size() < settings.lanes()) {
            Lane lane = newLane();
            synchronized (this) {
                if (lanes.isEmpty()) {
                    lane.dismiss();
                    return;
                }
                List<Lane> more = new ArrayList<>(lanes);
                more.add(lane);
                lanes = List.copyOf(more);
            }
            start(lane);
        }
        retryMillis = FIRST_RETRY_MILLIS;
    }

    /** A module that has lost its server may stay deaf until it is initialised anew; nobody may be inside it then. */
    private void initialiseModuleAnew() {
        if (!ownsModule || laneThreads.get() > 0 || !lanes.isEmpty()) {
            return;
        }
        try {
            access.module().reinitialise();
        } catch (RuntimeException e) {
            LOG.debug("token '{}': its module does not start again: {}", access.label(), e.getMessage());
        }
    }

    private synchronized @Nullable Session takePinned() {
        Session session = pinned;
        pinned = null;
        return session;
    }

    private void closePinned() {
        Session session = takePinned();
        if (session != null) {
            closeQuietly(session);
        }
    }

    private void closeQuietly(Session session) {
        try {
            session.close();
        } catch (Pkcs11Exception e) {
            LOG.debug("token '{}': {}", access.label(), e.getMessage());
        }
    }

    /** Finishes what is queued, then logs out. A call that does not return is left behind. */
    void close() {
        closing = true;
        recovery.shutdownNow();
        lanes.forEach(Lane::close);
        closePinned();
    }
}
