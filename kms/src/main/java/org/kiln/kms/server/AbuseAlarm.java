package org.kiln.kms.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.kiln.kms.access.Principal;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.store.StoreException;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.transfer.numbering.Supi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of requests for vectors that look like abuse: in the log with the subscriber masked, in the audit log by his code, and as a
 * counter. Takes them from any thread; a thread of its own writes.
 */
public final class AbuseAlarm implements AutoCloseable {

    /** Subscribers who are named in a minute; of more, the counter tells. */
    static final int MOST_NAMED = 20;

    private static final Logger LOG = LoggerFactory.getLogger(AbuseAlarm.class);
    private static final String KILN = "kiln";

    private final SubscriberStore subscribers;
    private final int node;
    private final LongSupplier nanoTime;
    private final Counter askedOften;
    private final AtomicInteger named = new AtomicInteger();
    private final ExecutorService writer = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("abuse-alarm").daemon().factory());
    private volatile long minuteBegan;

    /** @param node this node's number */
    public AbuseAlarm(SubscriberStore subscribers, int node, MeterRegistry meters) {
        this(subscribers, node, meters, System::nanoTime);
    }

    AbuseAlarm(SubscriberStore subscribers, int node, MeterRegistry meters, LongSupplier nanoTime) {
        this.subscribers = subscribers;
        this.node = node;
        this.nanoTime = nanoTime;
        minuteBegan = nanoTime.getAsLong();
        askedOften = Counter.builder("kiln_subscribers_asked_often_total")
                .description("windows of time in which a subscriber was asked for more often than anomalies allows")
                .register(meters);
    }

    /** A subscriber is asked for too often. */
    public void askedOften(Supi supi) {
        askedOften.increment();
        long now = nanoTime.getAsLong();
        if (now - minuteBegan > TimeUnit.MINUTES.toNanos(1)) {
            minuteBegan = now;
            named.set(0);
        }
        int before = named.getAndIncrement();
        if (before < MOST_NAMED) {
            LOG.warn(
                    "subscriber {} is asked for more often than anomalies in kiln.yaml allows: look for a card that is"
                            + " broken or copied, or suspend him (docs/api.md, Provisioning)",
                    supi.masked());
            enter(KILN, "SUBSCRIBER_ASKED_OFTEN", () -> "subscriber/" + subscribers.pseudonym(supi), "at node " + node);
        } else if (before == MOST_NAMED) {
            LOG.warn("more subscribers are asked for too often; kiln_subscribers_asked_often_total counts them");
        }
    }

    /** A caller has asked for too many subscribers whom nobody knows. */
    public void scanned(Principal caller) {
        long seconds = caller.lockedOutSeconds();
        LOG.warn(
                "caller '{}' goes through numbers: he has asked for more unknown subscribers than anomalies in kiln.yaml"
                        + " allows, and {}. Find out why; 'kiln caller unlock {}' lets him in earlier, 'kiln caller revoke'"
                        + " shuts him out",
                caller.name(),
                seconds > 0 ? "is locked out for " + seconds + " s" : "is served on",
                caller.name());
        enter(
                KILN,
                "CALLER_SCANS",
                () -> "caller/" + caller.name(),
                (seconds > 0 ? "locked out for " + seconds + " s" : "not locked out") + " at node " + node);
    }

    /** Lets a caller in before his time; false if he is not locked out. Waits for the store. */
    public boolean lift(Principal caller, String by) {
        boolean lifted = caller.liftLockOut();
        if (lifted) {
            LOG.info("caller '{}' is let in again by {}", caller.name(), by);
            write(by, "CALLER_UNLOCKED", "caller/" + caller.name(), "at node " + node);
        }
        return lifted;
    }

    private void enter(String actor, String act, Supplier<String> object, String detail) {
        writer.execute(() -> {
            try {
                write(actor, act, object.get(), detail);
            } catch (StoreException e) {
                LOG.error("the audit log does not tell of {}: {}", act, e.getMessage());
            }
        });
    }

    private void write(String actor, String act, String object, String detail) {
        subscribers.database().write(connection -> {
            AuditLog.add(connection, Instant.now().truncatedTo(ChronoUnit.SECONDS), actor, act, object, detail);
            return act;
        });
    }

    /** Finishes what there is to write. */
    @Override
    public void close() {
        writer.close();
    }
}
