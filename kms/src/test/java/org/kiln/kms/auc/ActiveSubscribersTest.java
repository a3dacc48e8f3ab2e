package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.seat.Seat;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.SqnCeiling;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.transfer.numbering.Supi;

/**
 * Keys are found to close, however many subscribers wait to be forgotten and whatever lanes refuse; and are closed at once where
 * keeping them open would not pay.
 */
class ActiveSubscribersTest {

    private static final int SUBSCRIBERS = 60;
    private static final int CAPACITY = 4;
    private static final int PLACES = 10;
    private static final int ROUNDS = 6;

    /** Not among the last that were served in a round. */
    private static final int STRANGER = SUBSCRIBERS / 2;

    private static final int FAR_AHEAD = 100_000;
    private static final Seat SEAT = new Seat(0, new SqnCeiling(SeqClock.system(0), _ -> {}), Seat.Term.FOR_LIFE);

    @TempDir
    private Path folder;

    private final OpcShelf shelf = new OpcShelf(PLACES);
    private final Deque<ActiveSubscriber> toBeClosed = new ArrayDeque<>();
    private final SeqClock clock = SeqClock.system(0);
    private ScratchNode node;
    private ActiveSubscribers actives;
    private boolean lanesAreFull;

    @BeforeEach
    void open() throws Exception {
        node = new ScratchNode(folder);
        node.provision(SUBSCRIBERS);
        actives = new ActiveSubscribers(CAPACITY, shelf, clock, EngineChoice.PORTABLE_ONLY, this::closeSoon);
    }

    @AfterEach
    void close() {
        node.close();
    }

    private void closeSoon(ActiveSubscriber idle) {
        if (lanesAreFull) {
            actives.closingEnded(idle);
        } else {
            toBeClosed.add(idle);
        }
    }

    private void use(LaneSession session, int number, MemorySegment scratch) {
        ActiveSubscriber active = admit(number);
        active.sequence().reserve(FAR_AHEAD, clock.now(), Long.MAX_VALUE / 2);
        try {
            actives.open(active, session, node.storageKeys(), scratch);
        } finally {
            active.leave();
            closeAll(session);
        }
    }

    /** All of them wait, for their sequences are far ahead of the clock. */
    private void useAll(LaneSession session, MemorySegment scratch) {
        for (int number = 0; number < SUBSCRIBERS; number++) {
            use(session, number, scratch);
        }
    }

    @Test
    void whatLanesDidNotCloseIsClosedWhenTheyCan() {
        node.tokens().call(session -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment scratch = arena.allocate(OpcShelf.OCTETS);
                useAll(session, scratch);
                lanesAreFull = true;
                assertThatThrownBy(() -> useAll(session, scratch))
                        .isInstanceOf(AuthenticationException.Unavailable.class)
                        .hasMessageContaining("auc.activeSubscribers");
                lanesAreFull = false;
                assertThatThrownBy(() -> use(session, PLACES, scratch))
                        .isInstanceOf(AuthenticationException.Unavailable.class);
                useAll(session, scratch);
                assertThat(shelf.taken()).isLessThanOrEqualTo(CAPACITY + 1);
            }
            return session;
        });
    }

    /** As a lane does: takes into use, computes, leaves, closes what is not kept. */
    private ActiveSubscriber serve(LaneSession session, int number, MemorySegment scratch) {
        ActiveSubscriber active = admit(number);
        actives.open(active, session, node.storageKeys(), scratch);
        active.leave();
        actives.served(active, session);
        return active;
    }

    private void noneReturnsSoon(LaneSession session, MemorySegment scratch) {
        for (int round = 0; round < ROUNDS; round++) {
            for (int number = 0; number < SUBSCRIBERS; number++) {
                serve(session, number, scratch);
                closeAll(session);
            }
        }
        actives.passBySecond();
        closeAll(session);
    }

    private void closeAll(LaneSession session) {
        while (!toBeClosed.isEmpty()) {
            ActiveSubscriber idle = toBeClosed.remove();
            idle.closeIfIdle(session, shelf);
            actives.closingEnded(idle);
        }
    }

    /** All places are taken, and keeping more keys open would not pay. */
    private void whileCrowded(BiConsumer<LaneSession, MemorySegment> test) {
        node.tokens().call(session -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment scratch = arena.allocate(OpcShelf.OCTETS);
                noneReturnsSoon(session, scratch);
                while (shelf.taken() < CAPACITY) {
                    serve(session, shelf.taken(), scratch);
                }
                test.accept(session, scratch);
            }
            return session;
        });
    }

    private ActiveSubscriber admit(int number) {
        Subscriber record = node.store().find(ScratchNode.supi(number)).orElseThrow();
        return Objects.requireNonNull(actives.admit(SEAT, record, actives.stamp(record.supi()), System.nanoTime()));
    }

    @Test
    void whereFewReturnSoonKeysAreClosedByTheCallThatUsedThem() {
        whileCrowded((session, scratch) -> {
            int open = 0;
            for (int number = 0; number < SUBSCRIBERS; number++) {
                if (serve(session, number, scratch).kiFor(session) != null) {
                    open++;
                }
            }
            assertThat(toBeClosed).isEmpty();
            assertThat(shelf.taken()).isEqualTo(CAPACITY);
            assertThat(open).isEqualTo(CAPACITY);
        });
    }

    @Test
    void whoReturnsSoonIsKeptNevertheless() {
        whileCrowded((session, scratch) -> {
            ActiveSubscriber first = serve(session, STRANGER, scratch);
            assertThat(first.hasKeys()).isFalse();
            ActiveSubscriber again = serve(session, STRANGER, scratch);
            assertThat(again).isSameAs(first);
            assertThat(again.hasKeys()).isTrue();
            assertThat(toBeClosed).hasSize(1).doesNotContain(again);
        });
    }

    @Test
    void whoIsAskedForMeanwhileKeepsHisKeysUntilTheLastIsServed() {
        whileCrowded((session, scratch) -> {
            ActiveSubscriber active = admit(STRANGER);
            actives.open(active, session, node.storageKeys(), scratch);
            ActiveSubscriber meanwhile =
                    Objects.requireNonNull(actives.enter(active.subscriber().supi()));
            active.leave();
            actives.served(active, session);
            assertThat(active.kiFor(session)).isNotNull();
            meanwhile.leave();
            actives.served(meanwhile, session);
            assertThat(active.hasKeys()).isFalse();
        });
    }

    /** Such as those whose algorithm the host computes from a Ki that it reads each time. */
    @Test
    void whoWantedNoKeysIsForgotten() {
        ActiveSubscriber active = admit(STRANGER);
        active.leave();
        Supi supi = active.subscriber().supi();
        actives.passBySecond();
        actives.passBySecond();
        assertThat(actives.enter(supi)).isNull();
    }

    @Test
    void recordsAreReadAheadOnceEachAndNotAllAtOnce() {
        AtomicLong now = new AtomicLong(System.nanoTime());
        ActiveSubscribers timed =
                new ActiveSubscribers(SUBSCRIBERS, shelf, clock, EngineChoice.PORTABLE_ONLY, this::closeSoon, now::get);
        List<ActiveSubscriber> all = new ArrayList<>();
        for (int number = 0; number < SUBSCRIBERS; number++) {
            Subscriber record = node.store().find(ScratchNode.supi(number)).orElseThrow();
            all.add(Objects.requireNonNull(timed.admit(SEAT, record, timed.stamp(record.supi()), now.get())));
        }
        now.addAndGet(TimeUnit.SECONDS.toNanos(5) * 3 / 8);
        assertThat(all).noneMatch(timed::isToBeReadAhead);
        now.addAndGet(TimeUnit.SECONDS.toNanos(5) / 4);
        List<ActiveSubscriber> half =
                all.stream().filter(timed::isToBeReadAhead).toList();
        assertThat(half).hasSizeBetween(SUBSCRIBERS / 4, 3 * SUBSCRIBERS / 4).noneMatch(timed::isToBeReadAhead);
        now.addAndGet(TimeUnit.SECONDS.toNanos(5) / 4);
        assertThat(all).allMatch(each -> half.contains(each) || timed.isToBeReadAhead(each));
        ActiveSubscriber first = half.getFirst();
        Subscriber record = first.subscriber();
        timed.renew(first, record, timed.stamp(record.supi()), now.get());
        first.readingAheadEnded();
        now.addAndGet(TimeUnit.SECONDS.toNanos(5) / 4);
        assertThat(timed.isToBeReadAhead(first)).isFalse();
        assertThat(timed.enter(record.supi())).isSameAs(first);
        Supi late = all.stream()
                .filter(each -> !each.equals(first))
                .findFirst()
                .orElseThrow()
                .subscriber()
                .supi();
        assertThat(timed.enter(late)).isNull();
    }
}
