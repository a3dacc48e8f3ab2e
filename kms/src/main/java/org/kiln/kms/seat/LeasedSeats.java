package org.kiln.kms.seat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.SqnCeiling;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Numbers that processes lease from the database they share. A lease lasts a few seconds and is renewed long before its end.
 * Its holder believes in it by his own clock, which counts from before he asked, and a little less long than the database
 * does: so he has stopped before another can have the number, though he was paused or cut off.
 *
 * <p>Each change of hands raises a fence. A holder's ceiling is written only with his own fence, and the next begins behind the
 * last ceiling written: so that even an answer which was on its way when its node was paused bears a sequence number that
 * nobody else hands out.
 */
public final class LeasedSeats implements Seats {

    /** How long a lease lasts, unless a caller says otherwise. */
    public static final Duration USUAL_TERM = Duration.ofSeconds(6);

    private static final Logger LOG = LoggerFactory.getLogger(LeasedSeats.class);
    private static final int MARGIN = 5;
    private static final int RENEWALS = 4;

    private final Database database;
    private final LeaseTable table;
    private final SeqClock clock;
    private final SeatNumbers numbers;
    private final int preferred;
    private final long termMillis;
    private final String holder = UUID.randomUUID().toString();
    private volatile @Nullable Lease lease;

    /** What is held, and until when by this process's own clock. */
    private final class Lease {

        private final LeaseTable.Row row;
        private volatile long ends;
        private volatile @Nullable Seat seat;

        Lease(LeaseTable.Row row, long asked) {
            this.row = row;
            ends = asked + believed();
        }

        boolean lasts() {
            return ends - System.nanoTime() > 0;
        }

        boolean isDue() {
            return ends - System.nanoTime() < believed() - TimeUnit.MILLISECONDS.toNanos(termMillis) / RENEWALS;
        }

        /** Renews, and writes a ceiling if one is given, in one transaction; false if the number has changed hands. */
        boolean renew(@Nullable Long ceiling) {
            long asked = System.nanoTime();
            boolean renewed = database.writeBeside(connection -> {
                boolean extended = table.extend(connection, row, termMillis);
                if (extended && ceiling != null) {
                    CeilingTable.write(connection, row.node(), ceiling);
                }
                return extended;
            });
            if (renewed && lasts()) {
                ends = asked + believed();
            }
            return renewed && lasts();
        }

        void writeCeiling(long tenths) {
            if (!renew(tenths)) {
                throw new SeatException("number " + row.node() + " has been lost to another node");
            }
        }
    }

    private long believed() {
        return TimeUnit.MILLISECONDS.toNanos(termMillis - termMillis / MARGIN);
    }

    private LeasedSeats(Database database, SeqClock clock, SeatNumbers numbers, int preferred, Duration term) {
        this.database = database;
        this.clock = clock;
        this.numbers = numbers;
        this.preferred = preferred;
        table = new LeaseTable(database);
        termMillis = term.toMillis();
    }

    /**
     * Takes a seat, waiting for one as long as two terms, which a holder who was killed leaves behind.
     *
     * @param clock is set behind what the number's last holder may have handed out
     * @param numbers those that may be taken
     * @param preferred the number to take if it is free
     * @throws SeatException if all are taken, or a node that shares the database counts otherwise
     */
    public static LeasedSeats take(
            Database database, SeqClock clock, SeatNumbers numbers, int preferred, Duration term) {
        LeasedSeats seats = new LeasedSeats(database, clock, numbers, preferred, term);
        long until = System.nanoTime() + 2 * term.toNanos();
        while (!seats.sitDown()) {
            if (System.nanoTime() - until > 0) {
                throw new SeatException(numbers.words() + " are taken by nodes that serve from this database:"
                        + " raise auc.nodes on all of them, or stop one");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
        return seats;
    }

    @Override
    public Optional<Seat> current() {
        Lease now = lease;
        Seat seat = now == null ? null : now.seat;
        return seat != null && seat.isHeld() ? Optional.of(seat) : Optional.empty();
    }

    @Override
    public void keep() {
        try {
            Lease now = lease;
            if (now == null) {
                sitDown();
            } else if (!now.lasts() || (now.isDue() && !now.renew(null))) {
                lease = null;
                LOG.error(
                        "node number {} is no longer this node's: it hands out no vectors until it has one",
                        now.row.node());
                sitDown();
            } else if (now.seat != null) {
                now.seat.ceiling().renewIfDue(clock.now());
            }
        } catch (StoreException | SeatException e) {
            LOG.error("the node's number cannot be kept now: {}", e.getMessage());
        }
    }

    /** Leases a free number and writes its first ceiling; false if none is free. */
    private boolean sitDown() {
        long asked = System.nanoTime();
        Optional<LeaseTable.Row> taken = database.write(connection -> {
            Map<Integer, LeaseTable.Row> all = table.all(connection);
            long now = table.now(connection);
            requireOneCount(all, now);
            List<Integer> free = LeaseTable.free(all, holder, numbers, preferred, now);
            if (free.isEmpty()) {
                return Optional.empty();
            }
            int node = free.getFirst();
            LeaseTable.Row before = all.get(node);
            LeaseTable.Row row = new LeaseTable.Row(
                    node, numbers.nodes(), holder, before == null ? 1 : before.fence() + 1, now + termMillis);
            table.put(connection, row);
            return Optional.of(row);
        });
        if (taken.isEmpty()) {
            return false;
        }
        Lease mine = new Lease(taken.get(), asked);
        int node = mine.row.node();
        clock.notBefore(database.read(connection -> CeilingTable.read(connection, node)) + 1);
        mine.seat = new Seat(node, new SqnCeiling(clock, mine::writeCeiling), mine::lasts);
        lease = mine;
        LOG.info("this is node {} of {}", node, numbers.nodes());
        return true;
    }

    private void requireOneCount(Map<Integer, LeaseTable.Row> all, long now) {
        for (LeaseTable.Row row : all.values()) {
            if (row.expires() > now && row.nodes() != numbers.nodes()) {
                throw new SeatException(
                        "auc.nodes is " + numbers.nodes() + " here, but " + row.nodes()
                                + " on a node that serves from the same database: they must agree, for they share the values of IND");
            }
        }
    }

    /** Ends the lease, so that another may have the number at once. */
    @Override
    public void close() {
        Lease now = lease;
        lease = null;
        if (now != null) {
            try {
                database.writeBeside(connection -> table.extend(connection, now.row, 0));
            } catch (StoreException e) {
                LOG.warn("node number {} stays leased for some seconds: {}", now.row.node(), e.getMessage());
            }
        }
    }
}
