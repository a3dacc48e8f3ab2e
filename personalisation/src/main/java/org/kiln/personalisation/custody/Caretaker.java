package org.kiln.personalisation.custody;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.kiln.personalisation.journal.Journal;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does in the background what follows from an order's state: activates what is acknowledged, destroys what is cancelled
 * and files that nobody has acknowledged in time. What a crash leaves is done after the next start.
 */
public final class Caretaker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Caretaker.class);
    private static final long ROUND_MINUTES = 60;

    private final OrderBook orders;
    private final Activation activation;
    private final Destruction destruction;
    private final Duration keepFiles;
    private final InstantSource clock;
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("caretaker").factory());

    /** @param keepFiles how long a file is kept that nobody acknowledges, counted from the order's last change */
    public Caretaker(
            OrderBook orders, Activation activation, Destruction destruction, Duration keepFiles, InstantSource clock) {
        this.orders = orders;
        this.activation = activation;
        this.destruction = destruction;
        this.keepFiles = keepFiles;
        this.clock = clock;
    }

    /** Goes on with what was left, and looks for what is due from now on. */
    public void start() {
        Future<?> _ = worker.scheduleWithFixedDelay(this::round, 0, ROUND_MINUTES, TimeUnit.MINUTES);
    }

    /** Has something done once, as soon as there is time. */
    public void once(String what, Runnable work) {
        worker.execute(() -> safely(what, work));
    }

    private void round() {
        safely("destroying what was cancelled", destruction::finish);
        safely(
                "activating what was acknowledged",
                () -> orders.inState(OrderState.ACKNOWLEDGED).forEach(this::activateSafely));
        safely("destroying what nobody acknowledged", this::destroyOverdue);
    }

    /** Activates an order that its vendor has just acknowledged. */
    public void activate(Order order) {
        worker.execute(() -> activateSafely(order));
    }

    private void activateSafely(Order order) {
        safely("activating order " + order.id(), () -> {
            activation.activate(order);
            LOG.info("order {}: its subscribers are served", order.id());
        });
    }

    /** Destroys the files of orders that waited too long; their cards can still be acknowledged. */
    public void destroyOverdue() {
        Instant due = clock.instant().minus(keepFiles);
        orders.inState(OrderState.READY, OrderState.DELIVERED, OrderState.ACTIVE).stream()
                .filter(order -> order.changed().isBefore(due))
                .forEach(order -> destruction.destroyFiles(order.id(), Journal.KILN));
    }

    private static void safely(String what, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            LOG.error("{} failed and is tried again within the hour: {}", what, e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        worker.shutdown();
        worker.close();
    }
}
