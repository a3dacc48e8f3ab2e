package org.kiln.kms.oauth2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Verifies access tokens on threads of its own, and remembers those that were good until they expire: the last
 * {@value #MOST_KNOWN} used, by their hash. Safe for use by many threads.
 */
public final class AccessTokens implements AutoCloseable {

    static final int MOST_KNOWN = 4096;

    private static final int THREADS = 2;
    private static final int QUEUE = 256;

    private final TokenVerifier verifier;
    private final InstantSource clock;
    private final Map<ByteBuffer, AccessToken> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, AccessToken> eldest) {
            return size() > MOST_KNOWN;
        }
    };
    private final ExecutorService threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            Thread.ofPlatform().name("access-token-", 0).daemon().factory());

    public AccessTokens(TokenTrust trust, InstantSource clock) {
        verifier = new TokenVerifier(trust, clock);
        this.clock = clock;
    }

    /** The token, if it was verified before and has not expired; null if it must be {@linkplain #verify verified}. */
    public @Nullable AccessToken known(String token) {
        ByteBuffer hash = hash(token);
        synchronized (known) {
            AccessToken found = known.get(hash);
            if (found == null || clock.instant().isBefore(found.expires())) {
                return found;
            }
            known.remove(hash);
            return null;
        }
    }

    /**
     * Verifies a token without blocking the caller.
     *
     * @return fails with an {@link AccessTokenException} if the token is not good here, and with a
     *     {@link RejectedExecutionException} if too many wait; completed on a thread that must not be kept
     */
    public CompletableFuture<AccessToken> verify(String token) {
        CompletableFuture<AccessToken> result = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    AccessToken verified = verifier.verify(token);
                    remember(hash(token), verified);
                    result.complete(verified);
                } catch (RuntimeException | Error e) {
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(e);
        }
        return result;
    }

    private void remember(ByteBuffer hash, AccessToken verified) {
        synchronized (known) {
            known.put(hash, verified);
        }
    }

    int size() {
        synchronized (known) {
            return known.size();
        }
    }

    private static ByteBuffer hash(String token) {
        try {
            return ByteBuffer.wrap(
                    MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Finishes what has begun. */
    @Override
    public void close() {
        threads.close();
    }
}
