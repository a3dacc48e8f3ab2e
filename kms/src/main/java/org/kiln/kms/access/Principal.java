package org.kiln.kms.access;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.numbering.Supi;

/**
 * Somebody whom the rules know, or nobody: what he may do, and what he was refused. One object for all of his connections;
 * resolved once for each, and asked without allocation from then on.
 */
public final class Principal {

    /** Connections of one caller at once, at all listeners of a node that have TLS. */
    static final int MOST_CONNECTIONS = 1_000;

    private final String name;
    private final Grant[] grants;
    private final @Nullable Throttle throttle;
    private final @Nullable ScanWatch scan;
    private final Consumer<Principal> alarm;
    private final AtomicInteger connections = new AtomicInteger();
    private final LongAdder unknown = new LongAdder();
    private final LongAdder lockOuts = new LongAdder();
    private final LongAdder vectors = new LongAdder();
    private final Map<Refusal, LongAdder> refused = new EnumMap<>(Refusal.class);

    /** @param limit how much he may ask for; without one, as much as the node can do */
    public Principal(String name, List<Grant> grants, Optional<CallerLimit> limit) {
        this(name, grants, limit, Optional.empty(), caller -> {}, System::nanoTime);
    }

    /**
     * @param scanLimit when he is taken to go through numbers; without one, never
     * @param alarm is told of it then, and must not wait
     */
    Principal(
            String name,
            List<Grant> grants,
            Optional<CallerLimit> limit,
            Optional<ScanLimit> scanLimit,
            Consumer<Principal> alarm,
            LongSupplier nanoTime) {
        this.name = name;
        this.grants = grants.toArray(Grant[]::new);
        throttle = limit.map(held -> new Throttle(held, nanoTime)).orElse(null);
        scan = scanLimit.map(held -> new ScanWatch(held, nanoTime)).orElse(null);
        this.alarm = alarm;
        for (Refusal refusal : Refusal.values()) {
            refused.put(refusal, new LongAdder());
        }
    }

    public String name() {
        return name;
    }

    /** How many of his calls were refused for this reason. */
    public long refused(Refusal refusal) {
        return tally(refusal).sum();
    }

    private LongAdder tally(Refusal refusal) {
        LongAdder tally = refused.get(refusal);
        if (tally == null) {
            throw new IllegalStateException(refusal.name());
        }
        return tally;
    }

    /** Counts vectors that he got. */
    public void served(int count) {
        vectors.add(count);
    }

    /** How many vectors he got. */
    public long vectors() {
        return vectors.sum();
    }

    /** Counts a subscriber whom he asked for and nobody knows; too many of them lock him out. */
    public void askedInVain(Supi supi) {
        unknown.increment();
        if (scan != null && scan.note(supi)) {
            if (scan.lockedFor() > 0) {
                lockOuts.increment();
            }
            alarm.accept(this);
        }
    }

    /** How often he asked for a subscriber whom nobody knows. */
    public long askedInVain() {
        return unknown.sum();
    }

    /** How often he was locked out. */
    public long lockOuts() {
        return lockOuts.sum();
    }

    /** For how long he is locked out, in whole seconds that are begun; 0 if he is not. */
    public long lockedOutSeconds() {
        long nanos = scan == null ? 0 : scan.lockedFor();
        return (nanos + TimeUnit.SECONDS.toNanos(1) - 1) / TimeUnit.SECONDS.toNanos(1);
    }

    /** Lets him in before his time; false if he is not locked out. */
    public boolean liftLockOut() {
        return scan != null && scan.lift();
    }

    /** Counts a connection in, which {@link #disconnected} must follow; false, and counted as refused, if he has too many. */
    public boolean connected() {
        if (connections.incrementAndGet() > MOST_CONNECTIONS) {
            connections.decrementAndGet();
            tally(Refusal.CONNECTIONS).increment();
            return false;
        }
        return true;
    }

    /** Counts a connection out. */
    public void disconnected() {
        connections.decrementAndGet();
    }

    /** Whether he has one of these roles. */
    public boolean has(Set<Role> roles) {
        for (Grant grant : grants) {
            if (roles.contains(grant.role())) {
                return true;
            }
        }
        return false;
    }

    /** @throws AccessException if he is nobody */
    public void requireKnown() {
        if (grants.length == 0) {
            throw refuse(
                    Refusal.UNKNOWN, "nobody is known by this certificate; 'callers' in kiln.yaml lists who may call");
        }
    }

    /** @throws AccessException if he is nobody, or none of these roles is his */
    public void require(Set<Role> roles) {
        if (!has(roles)) {
            requireKnown();
            throw refuse(Refusal.ROLE, "this is not for the role of '" + name + "'");
        }
    }

    /** @throws AccessException if none of these roles is his, or none for this subscriber */
    public void require(Set<Role> roles, Supi supi) {
        for (Grant grant : grants) {
            if (roles.contains(grant.role()) && grant.covers(supi)) {
                return;
            }
        }
        require(roles);
        throw refuse(
                Refusal.NETWORK,
                "'" + name + "' is for subscribers of another PLMN; ask the node that serves this one");
    }

    /**
     * The caller in the first of his roles that is one of these.
     *
     * @throws AccessException if none is
     */
    public Caller as(Set<Role> roles) {
        require(roles);
        return Arrays.stream(grants)
                .filter(grant -> roles.contains(grant.role()))
                .findFirst()
                .map(grant -> new Caller(name, grant.role(), grant.partner()))
                .orElseThrow();
    }

    /**
     * Counts a call in.
     *
     * @return whether {@link #end} must follow when it is answered
     * @throws AccessException if he is locked out, calls too often, or has too many calls open
     */
    public boolean begin() {
        long locked = lockedOutSeconds();
        if (locked > 0) {
            tally(Refusal.LOCKED_OUT).increment();
            throw new AccessException(
                    Refusal.LOCKED_OUT,
                    "'" + name + "' has asked for too many subscribers whom nobody knows and is locked out; come back"
                            + " after Retry-After, or ask the operator",
                    locked);
        }
        if (throttle == null) {
            return false;
        }
        Refusal refusal = throttle.begin();
        if (refusal != null) {
            throw refuse(
                    refusal,
                    refusal == Refusal.RATE
                            ? "'" + name + "' calls more often than he may; come back after Retry-After"
                            : "'" + name + "' has too many calls open; wait for answers");
        }
        return true;
    }

    /** How many of his calls are not answered yet, if he is held to a limit; else 0. */
    public int open() {
        return throttle == null ? 0 : throttle.open();
    }

    /** Counts a call out. */
    public void end() {
        if (throttle != null) {
            throttle.end();
        }
    }

    private AccessException refuse(Refusal refusal, String message) {
        tally(refusal).increment();
        return new AccessException(refusal, message);
    }

    /** Name and roles. */
    @Override
    public String toString() {
        return name + Arrays.toString(grants);
    }
}
