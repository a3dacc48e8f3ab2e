package org.kiln.kms.seat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.SqnCeiling;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.ScratchDatabase;

@Tag(ScratchDatabase.TAG)
class LeasedSeatsTest {

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(400);

    @TempDir
    Path folder;

    private final List<LeasedSeats> open = new ArrayList<>();
    private final AtomicLong tenths = new AtomicLong(1_000_000);
    private Database database;

    @BeforeEach
    void open() {
        database = Database.open(ScratchDatabase.in(folder));
        database.migrate("auc");
    }

    @AfterEach
    void close() {
        open.forEach(LeasedSeats::close);
        database.close();
    }

    private LeasedSeats take(SeqClock clock, int nodes, int preferred, Duration term) {
        return take(clock, SeatNumbers.all(nodes), preferred, term);
    }

    private LeasedSeats take(SeqClock clock, SeatNumbers numbers, int preferred, Duration term) {
        LeasedSeats seats = LeasedSeats.take(database, clock, numbers, preferred, term);
        synchronized (open) {
            open.add(seats);
        }
        return seats;
    }

    private LeasedSeats take(int nodes, int preferred, Duration term) {
        return take(new SeqClock(tenths::get, 0), nodes, preferred, term);
    }

    private static int node(Seats seats) {
        return seats.current().orElseThrow().node();
    }

    /** What a holder who was killed leaves behind when his time has run out. */
    private void letLeaseRunOut(int node) {
        database.write(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("update node_lease set expires = 1 where node = ?")) {
                update.setInt(1, node);
                return update.executeUpdate();
            }
        });
    }

    @Test
    void givesEachProcessAnotherNumber() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Integer>> takings = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                takings.add(() -> node(take(4, 0, LONG)));
            }
            Set<Integer> numbers = new HashSet<>();
            for (Future<Integer> number : threads.invokeAll(takings)) {
                assertThat(numbers.add(number.get())).isTrue();
            }
            assertThat(numbers).containsExactlyInAnyOrder(0, 1, 2, 3);
        }
    }

    @Test
    void prefersTheNumberThatIsConfigured() {
        assertThat(node(take(4, 2, LONG))).isEqualTo(2);
        assertThat(node(take(4, 2, LONG))).isNotEqualTo(2);
    }

    @Test
    void aSiteTakesNumbersOfItsOwnAlone() {
        SeqClock clock = new SeqClock(tenths::get, 0);
        SeatNumbers second = SeatNumbers.ofSite(1, 2, 4);
        assertThat(node(take(clock, second, 2, LONG))).isEqualTo(2);
        assertThat(node(take(clock, second, 2, LONG))).isEqualTo(3);
        assertThatThrownBy(() -> take(clock, second, 2, SHORT))
                .isInstanceOf(SeatException.class)
                .hasMessageContaining("the numbers 2 to 3 of this site are taken");
        assertThat(node(take(4, 0, LONG))).isZero();
    }

    @Test
    void refusesOneNodeTooMany() {
        assertThat(node(take(1, 0, LONG))).isZero();
        assertThatThrownBy(() -> take(1, 0, SHORT))
                .isInstanceOf(SeatException.class)
                .hasMessageContaining("all 1 node numbers are taken");
    }

    @Test
    void refusesANodeThatCountsOtherwise() {
        assertThat(node(take(4, 0, LONG))).isZero();
        assertThatThrownBy(() -> take(8, 0, LONG))
                .isInstanceOf(SeatException.class)
                .hasMessageContaining("auc.nodes is 8 here, but 4 on a node");
    }

    @Test
    void aNumberThatIsGivenUpIsFreeAtOnce() {
        LeasedSeats first = take(1, 0, LONG);
        Seat seat = first.current().orElseThrow();
        first.close();
        assertThat(first.current()).isEmpty();
        assertThat(node(take(1, 0, LONG))).isZero();
        assertThat(seat.isHeld()).as("by its holder's own clock").isTrue();
        assertThatThrownBy(() -> seat.ceiling().renew()).isInstanceOf(SeatException.class);
    }

    @Test
    void aSeatEndsByItsHoldersOwnClockThoughNobodyTookIt() throws Exception {
        LeasedSeats seats = take(2, 0, SHORT);
        Seat seat = seats.current().orElseThrow();
        while (seat.isHeld()) {
            Thread.sleep(10);
        }
        assertThat(seats.current()).isEmpty();
        seats.keep();
        assertThat(seat.isHeld()).as("an ended seat").isFalse();
        assertThat(seats.current()).isPresent();
    }

    @Test
    void theNextHolderBeginsBehindAllThatTheLastMayHaveHandedOut() {
        Seat paused = take(1, 0, LONG).current().orElseThrow();
        long ceiling = paused.ceiling().value();
        letLeaseRunOut(0);
        tenths.addAndGet(-50_000);
        SeqClock clock = new SeqClock(tenths::get, 0);
        Seat next = take(clock, 1, 0, LONG).current().orElseThrow();
        assertThat(clock.now()).isGreaterThan(ceiling);
        assertThat(next.ceiling().value()).isEqualTo(clock.now() + SqnCeiling.LEAD_TENTHS);
    }

    @Test
    void aHolderWhoseNumberWasTakenRaisesNoCeilingAndTakesAnotherNumber() {
        LeasedSeats robbed = take(2, 0, LONG);
        Seat before = robbed.current().orElseThrow();
        letLeaseRunOut(0);
        LeasedSeats thief = take(2, 0, LONG);
        assertThat(node(thief)).isZero();
        long ceiling = thief.current().orElseThrow().ceiling().value();
        tenths.addAndGet(10_000);
        assertThatThrownBy(() -> before.ceiling().renew())
                .isInstanceOf(SeatException.class)
                .hasMessageContaining("lost to another node");
        assertThat(database.<Long>read(connection -> CeilingTable.read(connection, 0)))
                .isEqualTo(ceiling);
    }
}
