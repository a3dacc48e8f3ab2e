package org.kiln.kms.suci;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.kiln.kms.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The home-network keys that a running process serves: read from the register every two seconds on a thread of its own,
 * so that asking costs nothing and a new key needs no restart.
 */
public final class ServingKeys implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServingKeys.class);
    private static final int SECONDS = 2;

    private final SuciKeyRegister register;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("suci-keys").daemon().factory());
    private final ScheduledFuture<?> reading;
    private volatile Map<Integer, SuciKey> keys;

    /** @throws SuciKeyException if a row's code is wrong */
    public ServingKeys(SuciKeyRegister register) {
        this.register = register;
        keys = read();
        reading = thread.scheduleWithFixedDelay(this::refreshOrKeep, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    private Map<Integer, SuciKey> read() {
        return register.list().stream()
                .filter(key -> key.state().serves())
                .collect(Collectors.toUnmodifiableMap(SuciKey::identifier, Function.identity()));
    }

    /** The key of an identifier that serves a scheme. */
    Optional<SuciKey> find(int identifier, ProtectionScheme scheme) {
        return Optional.ofNullable(keys.get(identifier)).filter(key -> key.scheme() == scheme);
    }

    /** Reads the register now. */
    public void refresh() {
        keys = read();
    }

    private void refreshOrKeep() {
        try {
            refresh();
        } catch (StoreException | SuciKeyException e) {
            LOG.error("the home-network keys cannot be read anew: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        reading.cancel(false);
        thread.close();
    }
}
