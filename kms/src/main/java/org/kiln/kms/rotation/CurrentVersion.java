package org.kiln.kms.rotation;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.kiln.kms.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The version of the storage keys that a running process wraps under: read from the register every two seconds on a
 * thread of its own, so that asking costs nothing.
 */
public final class CurrentVersion implements IntSupplier, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CurrentVersion.class);
    private static final int SECONDS = 2;

    private final StorageKeyRegister register;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("storage-key-version").daemon().factory());
    private final ScheduledFuture<?> reading;
    private volatile int version;

    public CurrentVersion(StorageKeyRegister register) {
        this.register = register;
        version = register.current();
        reading = thread.scheduleWithFixedDelay(this::refresh, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public int getAsInt() {
        return version;
    }

    /** Reads the register now. */
    public void refresh() {
        try {
            int read = register.current();
            if (read != version) {
                LOG.info("storage keys: version {} is current now", read);
                version = read;
            }
        } catch (StoreException | RotationException e) {
            LOG.error("the version of the storage keys cannot be read: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        reading.cancel(false);
        thread.close();
    }
}
