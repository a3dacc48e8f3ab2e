package org.kiln.kms.hsm;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cryptoki;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.TokenInfo;
import org.kiln.secret.Secret;
import org.kiln.token.TokenProfile;
import org.kiln.token.Tokens;

/** A token, logged in as its user and worked through lanes. Safe for use by many threads. */
public final class Token implements AutoCloseable {

    private final TokenProfile profile;
    private final TokenInfo info;
    private final Session pinned;
    private final List<Lane> lanes;

    private Token(TokenProfile profile, TokenInfo info, Session pinned, List<Lane> lanes) {
        this.profile = profile;
        this.info = info;
        this.pinned = pinned;
        this.lanes = lanes;
    }

    /**
     * Logs in and starts the lanes.
     *
     * @param queueCapacity tasks that may wait in each lane
     * @throws org.kiln.token.TokenException if there is no such token
     * @throws org.kiln.pkcs11.Pkcs11Exception if the token refuses the PIN
     */
    public static Token open(
            Cryptoki cryptoki, TokenProfile profile, String label, Secret userPin, int laneCount, int queueCapacity) {
        TokenInfo info = Tokens.labelled(cryptoki, label);
        Session pinned = cryptoki.openSession(info.slot(), true);
        try {
            pinned.login(Ck.CKU_USER, userPin);
            List<Lane> lanes = new ArrayList<>();
            for (int i = 0; i < laneCount; i++) {
                Session session = cryptoki.openSession(info.slot(), true);
                lanes.add(new Lane("lane-" + label + "-" + i, session, queueCapacity));
            }
            return new Token(profile, info, pinned, List.copyOf(lanes));
        } catch (RuntimeException e) {
            pinned.close();
            throw e;
        }
    }

    public TokenProfile profile() {
        return profile;
    }

    public TokenInfo info() {
        return info;
    }

    /** Tasks waiting in all lanes. */
    public int queued() {
        return lanes.stream().mapToInt(Lane::queued).sum();
    }

    public int lanes() {
        return lanes.size();
    }

    /** Hands a task to the least loaded lane; false, at once, if every lane is full. */
    public boolean submit(LaneTask task) {
        Lane best = lanes.getFirst();
        int fewest = best.queued();
        for (int i = 1; i < lanes.size() && fewest > 0; i++) {
            int queued = lanes.get(i).queued();
            if (queued < fewest) {
                best = lanes.get(i);
                fewest = queued;
            }
        }
        return best.offer(task);
    }

    /** Runs {@code work} on a lane and waits for its result; what it throws is thrown here. Not for event loops. */
    public <T> T call(Function<Session, T> work) {
        for (Lane lane : lanes) {
            if (lane.isCurrentThread()) {
                return work.apply(lane.session());
            }
        }
        try {
            return start(work).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Runs {@code work} on a lane; the future fails with {@link TokenBusyException} if every lane is full. */
    public <T> CompletableFuture<T> start(Function<Session, T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        boolean accepted = submit(session -> {
            try {
                result.complete(work.apply(session));
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        if (!accepted) {
            result.completeExceptionally(new TokenBusyException());
        }
        return result;
    }

    @Override
    public void close() {
        lanes.forEach(Lane::close);
        pinned.close();
    }
}
