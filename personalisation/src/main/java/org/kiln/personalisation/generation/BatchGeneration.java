package org.kiln.personalisation.generation;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderState;
import org.kiln.personalisation.output.VendorFile;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.numbering.Iccid;
import org.kiln.transfer.numbering.IccidRange;
import org.kiln.transfer.numbering.Imsi;
import org.kiln.transfer.numbering.ImsiRange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the cards of orders, one order after the other, in the background.
 *
 * <p>A few cards are one task for a lane, so that vector requests get their turn between. Cards and their subscribers
 * are stored together in one transaction; what a crash left unmade is made when the process starts again.
 */
public final class BatchGeneration implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BatchGeneration.class);
    private static final int CARDS_PER_TASK = 8;
    private static final int TASKS_PER_LANE = 4;

    private final String operator;
    private final TokenCluster tokens;
    private final KeyRing ring;
    private final StorageKeys storage;
    private final Database database;
    private final SubscriberStore subscribers;
    private final OrderBook orders;
    private final CardStore cards;
    private final VendorFile vendorFile;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("generation").factory());
    private volatile boolean closing;

    /** @param operator whose OP constant the cards use */
    public BatchGeneration(
            String operator,
            TokenCluster tokens,
            KeyRing ring,
            StorageKeys storage,
            Database database,
            SubscriberStore subscribers,
            OrderBook orders,
            CardStore cards,
            VendorFile vendorFile) {
        this.operator = operator;
        this.tokens = tokens;
        this.ring = ring;
        this.storage = storage;
        this.database = database;
        this.subscribers = subscribers;
        this.orders = orders;
        this.cards = cards;
        this.vendorFile = vendorFile;
    }

    /** Goes on with every order that is not finished. */
    public void resume() {
        orders.unfinished().forEach(this::start);
    }

    /** Makes the cards of an order that {@link OrderBook#enter} has entered; once, however often it is started. */
    public void start(Order order) {
        worker.execute(() -> orders.find(order.id())
                .filter(current -> current.state() == OrderState.GENERATING)
                .ifPresent(this::run));
    }

    private void run(Order order) {
        try {
            if (makeCards(order)) {
                orders.markReady(order.id(), vendorFile.write(order));
                LOG.info(
                        "order {}: {} cards made, file ready",
                        order.id(),
                        order.request().quantity());
            }
        } catch (RuntimeException e) {
            LOG.error("order {} failed: {}", order.id(), e.getMessage(), e);
            orders.markFailed(order.id());
        }
    }

    /** False if the process is stopping before all are made. */
    private boolean makeCards(Order order) {
        BitSet made = cards.made(order.id());
        int quantity = order.request().quantity();
        try (Secret op = Secret.ofSize(16)) {
            MemorySegment opOctets = op.expose(SecretAccess.granted());
            tokens.callOnFirst(session -> {
                storage.readOperatorConstant(session, operator, opOctets);
                return ring.secretKey(session, order.request().transportKey());
            });
            try (Batch batch = new Batch(order, opOctets)) {
                int next = made.nextClearBit(0);
                while (next < quantity || !batch.underWay.isEmpty()) {
                    if (closing) {
                        batch.storeAll();
                        return false;
                    }
                    while (next < quantity && batch.hasRoom()) {
                        List<Integer> positions = new ArrayList<>(CARDS_PER_TASK);
                        for (;
                                next < quantity && positions.size() < CARDS_PER_TASK;
                                next = made.nextClearBit(next + 1)) {
                            positions.add(next);
                        }
                        batch.begin(positions);
                    }
                    batch.storeOldest();
                }
                return true;
            }
        }
    }

    /** The tasks of an order that lanes work on. */
    private final class Batch implements AutoCloseable {

        private final Order order;
        private final MemorySegment op;
        private final IccidRange iccids;
        private final ImsiRange imsis;
        private final Deque<CompletableFuture<List<CardMaker.Made>>> underWay = new ArrayDeque<>();

        Batch(Order order, MemorySegment op) {
            this.order = order;
            this.op = op;
            int quantity = order.request().quantity();
            iccids = new IccidRange(Iccid.withCheckDigit(order.firstIccid()), quantity);
            imsis = new ImsiRange(new Imsi(order.firstImsi()), quantity);
        }

        boolean hasRoom() {
            return underWay.size() < TASKS_PER_LANE * tokens.lanes();
        }

        void begin(List<Integer> positions) {
            TokenProfile profile = tokens.profile();
            underWay.add(tokens.startOnFirst(session -> {
                long vendorKey = ring.secretKey(session, order.request().transportKey());
                CardMaker maker = new CardMaker(order.request().profile(), profile, storage, vendorKey, op);
                return positions.stream()
                        .map(position -> maker.make(session, position, iccids.get(position), imsis.get(position)))
                        .toList();
            }));
        }

        /** Waits for the oldest task and stores it with all others that are done. */
        void storeOldest() {
            List<CardMaker.Made> made = new ArrayList<>(underWay.remove().join());
            while (!underWay.isEmpty() && underWay.peek().isDone()) {
                made.addAll(underWay.remove().join());
            }
            database.write(connection -> {
                subscribers.insert(
                        connection,
                        made.stream().map(CardMaker.Made::subscriber).toList());
                cards.insert(
                        connection,
                        order.id(),
                        made.stream().map(CardMaker.Made::card).toList());
                return made.size();
            });
        }

        void storeAll() {
            while (!underWay.isEmpty()) {
                storeOldest();
            }
        }

        /** Lets tasks end that a failure has left under way, since they read the operator's constant. */
        @Override
        public void close() {
            while (!underWay.isEmpty()) {
                underWay.remove().exceptionally(failure -> List.of()).join();
            }
        }
    }

    /** Finishes the cards under way and stops; the rest is made after the next start. */
    @Override
    public void close() {
        closing = true;
        worker.close();
    }
}
