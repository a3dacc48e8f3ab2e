package org.kiln.personalisation.generation;

import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.DiversificationMasters;
import org.kiln.kms.keys.KeyException;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.StoreException;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.Engine;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.personalisation.order.CardNumbers;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.Delivery;
import org.kiln.personalisation.order.DeliveryBook;
import org.kiln.personalisation.order.DeliveryPlan;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.order.OrderState;
import org.kiln.personalisation.output.CardColumns;
import org.kiln.personalisation.output.DeliveryFiles;
import org.kiln.personalisation.profile.Authentication;
import org.kiln.personalisation.profile.CardKind;
import org.kiln.personalisation.profile.Keyset;
import org.kiln.personalisation.profile.ProfileException;
import org.kiln.personalisation.profile.Share;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.batch.Wrapping;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the cards of approved orders, one order after the other, in the background.
 *
 * <p>A few cards are one task for a lane, so that vector requests get their turn between. Cards of several tasks and their
 * subscribers are stored together in one transaction, while lanes go on; what a crash left unmade is made when the process
 * starts again.
 */
public final class BatchGeneration implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BatchGeneration.class);
    private static final int CARDS_PER_TASK = 8;
    private static final int TASKS_PER_LANE = 4;
    private static final int CARDS_STORED_TOGETHER = 64;
    private static final int HELD_UP_SECONDS = 5;

    private final TokenCluster tokens;
    private final KeyRing ring;
    private final StorageKeys storage;
    private final EngineChoice engines;
    private final Database database;
    private final SubscriberStore subscribers;
    private final OrderBook orders;
    private final DeliveryBook deliveries;
    private final CardStore cards;
    private final DeliveryFiles files;
    private final Optional<DiversificationMasters> masters;
    private final ScheduledThreadPoolExecutor worker = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("generation").factory());
    private final LongAdder cardsMade = new LongAdder();
    private volatile boolean closing;

    /**
     * @param masters from which keysets that a profile wants so are derived; closed by the caller
     * @param engines who will compute the cards' vectors, which decides whether the host may read Ki
     */
    public BatchGeneration(
            TokenCluster tokens,
            KeyRing ring,
            StorageKeys storage,
            EngineChoice engines,
            Database database,
            SubscriberStore subscribers,
            OrderBook orders,
            DeliveryBook deliveries,
            CardStore cards,
            DeliveryFiles files,
            Optional<DiversificationMasters> masters) {
        this.tokens = tokens;
        this.ring = ring;
        this.storage = storage;
        this.engines = engines;
        this.database = database;
        this.subscribers = subscribers;
        this.orders = orders;
        this.deliveries = deliveries;
        this.cards = cards;
        this.files = files;
        this.masters = masters;
        worker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Cards made and stored since this process started. */
    public long cardsMade() {
        return cardsMade.sum();
    }

    /**
     * Checks that an order can be made here, before any card is.
     *
     * @throws OrderException.Refused if a file cannot be written or its keys not be wrapped as it wants, or this node has no
     *     engine for the cards' algorithm, or no OP or TOP for them
     */
    public void requireMakeable(Order order, List<DeliveryPlan> plans) {
        for (DeliveryPlan plan : plans) {
            files.requireDeliverable(order, plan);
            KeyWrapping.requireAll(order.profile(), files.columns(order, plan), tokens.profile());
            KeyBlockColumns.requireAll(order, plan, files, engines);
            if (plan.share() == Share.PROFILE_PLATFORM) {
                requireElements(order, plan);
            }
        }
        if (order.request().vendorMakes()) {
            requireTakeable(order, plans);
            return;
        }
        requireMasters(order);
        requireMakeable(order.profile().authentication());
    }

    /**
     * Checks that keys of an algorithm can be made here.
     *
     * @throws OrderException.Refused if this node has no engine for it, or no OP or TOP
     */
    public void requireMakeable(Authentication authentication) {
        Algorithm algorithm = authentication.parsedAlgorithm();
        try {
            if (engines.forNew(algorithm) == Engine.VENDOR && algorithm instanceof Algorithm.Tuak) {
                throw new OrderException.Refused("the token's own TUAK hides Ki, so that no TOPc can be computed here;"
                        + " list tuak in auc.guardedHost instead, or import such cards");
            }
        } catch (AkaException e) {
            throw new OrderException.Refused(String.valueOf(e.getMessage()));
        }
        try (Secret constant = Secret.ofSize(Math.max(1, algorithm.opcOctets()))) {
            tokens.callOnFirst(session -> {
                readConstant(session, authentication, constant.expose(SecretAccess.granted()));
                return algorithm;
            });
        } catch (KeyException e) {
            throw new OrderException.Refused(e.getMessage() + "; 'kiln operator-constant create' makes one");
        }
    }

    /** A vendor's own keys are not those that a platform derives from its master. */
    private void requireTakeable(Order order, List<DeliveryPlan> plans) {
        OrderLines lines = OrderLines.of(order, plans, files, ring, storage, tokens.profile());
        for (Keyset keyset : order.profile().keysets()) {
            if (keyset.diversifiedFrom() != null && keyset.keyNames().stream().anyMatch(lines::want)) {
                throw new OrderException.Refused("the profile derives keys from '" + keyset.diversifiedFrom()
                        + "', and a vendor's batch brings keys of its own for them; order a profile whose keysets have no"
                        + " master, or one in which nobody is to get these keys");
            }
        }
    }

    private void requireElements(Order order, DeliveryPlan plan) {
        String partner = plan.partner().name();
        if (order.profile().cardKind() != CardKind.EUICC_PROFILE) {
            throw new OrderException.Refused("'" + partner
                    + "' has the share PROFILE_PLATFORM, which is of profiles of kind" + " EUICC_PROFILE");
        }
        ProfileElements.unfit(order.profile()).ifPresent(why -> {
            throw new OrderException.Refused(why);
        });
        boolean held = files.columns(order, plan).stream()
                .anyMatch(column -> column.name().equals(CardColumns.PROFILE_ELEMENTS));
        if (!held || plan.partner().keyWrapping() != Wrapping.AES_KWP) {
            throw new OrderException.Refused(
                    "the file for '" + partner + "' has keys in PROFILE_ELEMENTS, wrapped by AES_KWP:"
                            + " give the partner a format that holds this column (kiln-csv, kiln-json) and that wrapping");
        }
    }

    private void requireMasters(Order order) {
        for (Keyset keyset : order.profile().keysets()) {
            String master = keyset.diversifiedFrom();
            if (master != null) {
                try {
                    masters.orElseThrow(() -> new OrderException.Refused("the profile derives keys from '" + master
                                    + "', and personalisation.masters in kiln.yaml names no token for it"))
                            .require(
                                    master,
                                    DerivationData.trial(keyset),
                                    keyset.algorithm().octets());
                } catch (KeyException e) {
                    throw new OrderException.Refused("keys derived from '" + master + "': " + e.getMessage());
                }
            }
        }
    }

    private void readConstant(Session session, Authentication authentication, MemorySegment out) {
        String operator = authentication.operatorConstant();
        if (operator != null) {
            storage.readOperatorConstant(session, operator, out);
        }
    }

    /** Goes on with every order that is not finished. */
    public void resume() {
        orders.inState(OrderState.GENERATING).forEach(this::start);
    }

    /** Makes the cards of an approved order; once, however often it is started. */
    public void start(Order order) {
        worker.execute(() -> go(order));
    }

    private void go(Order order) {
        try {
            orders.find(order.id())
                    .filter(current -> current.state() == OrderState.GENERATING)
                    .ifPresent(this::run);
        } catch (StoreException e) {
            LOG.error("order {} is held up, and goes on when it can: {}", order.id(), e.getMessage());
            resumeLater(order);
        } catch (OrderException.Damaged | ProfileException.Damaged e) {
            LOG.error("order {} is left as it is: {}", order.id(), e.getMessage());
        }
    }

    private void run(Order order) {
        try {
            if (makeCards(order)) {
                for (Delivery delivery : deliveries.authentic(order.id())) {
                    DeliveryFiles.Written written = files.write(order, delivery.plan());
                    deliveries.markWritten(order.id(), delivery.partner(), written.sha256(), written.manifestSha256());
                }
                orders.markReady(order.id());
                LOG.info(
                        "order {}: {} cards made, files ready",
                        order.id(),
                        order.request().quantity());
            }
        } catch (OrderException.Damaged | ProfileException.Damaged e) {
            LOG.error("order {} is left as it is: {}", order.id(), e.getMessage());
        } catch (RuntimeException e) {
            if (isCancelled(order)) {
                deliveries.of(order.id()).forEach(delivery -> files.destroy(order.id(), delivery.partner()));
            } else if (mayPass(e)) {
                LOG.error("order {} is held up, and goes on when it can: {}", order.id(), e.getMessage());
                resumeLater(order);
            } else {
                LOG.error("order {} failed: {}", order.id(), e.getMessage(), e);
                orders.markFailed(order.id(), String.valueOf(e.getMessage()));
            }
        }
    }

    private static boolean mayPass(RuntimeException e) {
        return e instanceof StoreException refused ? refused.mayPass() : e instanceof UncheckedIOException;
    }

    /** A full disk or a lost database passes; what is made is stored, and the rest is made then. */
    private void resumeLater(Order order) {
        if (!closing) {
            ScheduledFuture<?> _ = worker.schedule(() -> go(order), HELD_UP_SECONDS, TimeUnit.SECONDS);
        }
    }

    private boolean isCancelled(Order order) {
        try {
            return orders.find(order.id())
                    .filter(now -> now.state() == OrderState.CANCELLED)
                    .isPresent();
        } catch (StoreException e) {
            return false;
        }
    }

    /** False if the process is stopping, or the order is cancelled, before all are made. */
    private boolean makeCards(Order order) {
        BitSet made = cards.made(order.id());
        int quantity = order.request().quantity();
        Authentication authentication = order.profile().authentication();
        try (Secret constant =
                Secret.ofSize(Math.max(1, authentication.parsedAlgorithm().opcOctets()))) {
            MemorySegment octets = constant.expose(SecretAccess.granted());
            tokens.callOnFirst(session -> {
                readConstant(session, authentication, octets);
                return quantity;
            });
            try (Batch batch = new Batch(order, octets)) {
                int next = made.nextClearBit(0);
                while (next < quantity || !batch.underWay.isEmpty()) {
                    if (closing) {
                        batch.gatherAll();
                        var _ = batch.store();
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
                    batch.gather();
                    if (batch.isToBeStored() && !batch.store()) {
                        return false;
                    }
                }
                return batch.store();
            }
        }
    }

    /** The tasks of an order that lanes work on. */
    private final class Batch implements AutoCloseable {

        private final Order order;
        private final MemorySegment operatorConstant;
        private final CardNumbers numbers;
        private final Engine engine;
        private final OrderLines lines;
        private final Deque<CompletableFuture<List<CardMaker.Made>>> underWay = new ArrayDeque<>();
        private final List<CardMaker.Made> gathered = new ArrayList<>();

        Batch(Order order, MemorySegment operatorConstant) {
            this.order = order;
            this.operatorConstant = operatorConstant;
            numbers = new CardNumbers(order);
            engine = engines.forNew(order.profile().authentication().parsedAlgorithm());
            lines = OrderLines.of(
                    order,
                    deliveries.authentic(order.id()).stream()
                            .map(Delivery::plan)
                            .toList(),
                    files,
                    ring,
                    storage,
                    tokens.profile());
        }

        boolean hasRoom() {
            return underWay.size() < TASKS_PER_LANE * tokens.lanes();
        }

        void begin(List<Integer> positions) {
            underWay.add(tokens.startOnFirst(session -> make(session, positions)));
        }

        private List<CardMaker.Made> make(LaneSession session, List<Integer> positions) {
            TokenProfile profile = tokens.profile();
            SubscriberKeyMaker keys = new SubscriberKeyMaker(
                    order.profile().authentication(),
                    engine,
                    profile,
                    storage,
                    operatorConstant,
                    Leaving.UNDER_TRUSTED_KEYS);
            CardMaker maker = new CardMaker(order.profile(), profile.privateSessionObjects(), keys, lines, masters);
            return positions.stream()
                    .map(position -> maker.make(session, position, numbers.of(position)))
                    .toList();
        }

        /** Waits for the oldest task, and takes all others that are done. */
        void gather() {
            do {
                gathered.addAll(underWay.remove().join());
            } while (!underWay.isEmpty() && underWay.peek().isDone());
        }

        void gatherAll() {
            while (!underWay.isEmpty()) {
                gather();
            }
        }

        boolean isToBeStored() {
            return gathered.size() >= CARDS_STORED_TOGETHER;
        }

        /** Stores what was gathered; false if the order was cancelled. */
        boolean store() {
            boolean stored = database.write(connection -> {
                if (orders.require(connection, order.id()).state() != OrderState.GENERATING) {
                    return false;
                }
                subscribers.insert(
                        connection,
                        gathered.stream().map(CardMaker.Made::subscriber).toList());
                cards.insert(
                        connection,
                        order.id(),
                        gathered.stream().map(CardMaker.Made::card).toList());
                return true;
            });
            if (stored) {
                cardsMade.add(gathered.size());
                gathered.clear();
            }
            return stored;
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
