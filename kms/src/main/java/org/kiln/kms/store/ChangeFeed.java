package org.kiln.kms.store;

import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what other processes say they have changed ({@link Database#announce}), on a connection of its own that is made anew
 * whenever it is lost. What is said while it is lost is not heard: {@code gap} tells of that.
 */
public final class ChangeFeed implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ChangeFeed.class);
    private static final long PAUSE_MS = 200;

    private final StoreEngine engine;
    private final String channel;
    private final Consumer<String> changed;
    private final Runnable gap;
    private final Thread thread;
    private volatile boolean live;

    ChangeFeed(StoreEngine engine, String channel, Consumer<String> changed, Runnable gap) {
        this.engine = engine;
        this.channel = channel;
        this.changed = changed;
        this.gap = gap;
        thread = Thread.ofPlatform().name("change-feed").daemon().unstarted(this::run);
        thread.start();
    }

    /** Whether what others say is heard now. */
    public boolean isLive() {
        return live;
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try (Hearing hearing = engine.hear(channel)) {
                gap.run();
                live = true;
                while (!Thread.currentThread().isInterrupted()) {
                    hearing.next().forEach(changed);
                }
            } catch (SQLException | RuntimeException e) {
                if (live) {
                    LOG.warn("what other processes change is not heard for now: {}", e.getMessage());
                }
                live = false;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MS));
            }
        }
        live = false;
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
