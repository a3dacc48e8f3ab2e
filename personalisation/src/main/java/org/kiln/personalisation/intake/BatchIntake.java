package org.kiln.personalisation.intake;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.provisioning.LoadFileException;
import org.kiln.kms.provisioning.SubscriberIntake;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.order.OrderState;
import org.kiln.transfer.batch.BatchFormatException;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.envelope.EnvelopeException;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.envelope.Opener;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.envelope.VerifiedEnvelope;
import org.kiln.transfer.output.OutputFormats;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a vendor's batch in: his signature, the manifest against the order, each card's numbers against those that were
 * given, Ki, OPc and what else the order's recipients get unwrapped under the incoming transport key in the token, check
 * values compared. The file is verified whole before anything of it is used, then taken in pieces, so that memory does not grow with it. All cards count, or none:
 * see {@link StagedCards}.
 */
public final class BatchIntake {

    private static final Logger LOG = LoggerFactory.getLogger(BatchIntake.class);
    private static final int CARDS_PER_TASK = 8;
    private static final int CARDS_PER_PIECE = 256;

    private final Identity recipient;
    private final String operator;
    private final TokenCluster tokens;
    private final SubscriberIntake intake;
    private final KeyRing ring;
    private final StorageKeys storage;
    private final StagedCards staged;
    private final InstantSource clock;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();

    /**
     * @param recipient the token's envelope key
     * @param operator as manifests must name the recipient
     * @param ring finds transport keys in the token
     * @param storage hides what the operator retains
     */
    public BatchIntake(
            Identity recipient,
            String operator,
            TokenCluster tokens,
            SubscriberIntake intake,
            KeyRing ring,
            StorageKeys storage,
            StagedCards staged,
            InstantSource clock) {
        this.recipient = recipient;
        this.operator = operator;
        this.tokens = tokens;
        this.intake = intake;
        this.ring = ring;
        this.storage = storage;
        this.staged = staged;
        this.clock = clock;
    }

    /**
     * Takes the batch of an order.
     *
     * @param trust whose signature it must bear
     * @param actor who hands it in
     * @return the order, acknowledged
     * @throws IntakeException if it is refused; nothing of it stays
     * @throws OrderException.WrongState unless the order awaits it, or while another batch of it is being taken
     */
    public Order take(Order order, Path file, SignerTrust trust, String actor) {
        return alone(order.id(), () -> {
            requireAwaited(order);
            staged.clear(order.id());
            try {
                return staged.acknowledge(order, read(order, file, trust), actor);
            } catch (RuntimeException e) {
                clearAfter(e, order.id());
                throw staged.isCancelled(order.id())
                        ? new OrderException.WrongState("the order was cancelled while its batch was being taken;"
                                + " nothing of the batch stays")
                        : e;
            }
        });
    }

    private void clearAfter(RuntimeException failure, String orderId) {
        try {
            staged.clear(orderId);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /** Removes what a crash left of batches that were being taken. */
    public void clearLeftovers() {
        for (Order order : staged.left()) {
            alone(order.id(), () -> {
                staged.clear(order.id());
                LOG.info("order {}: what a crash left of its batch is removed; it awaits the batch again", order.id());
                return order;
            });
        }
    }

    private Order alone(String orderId, Supplier<Order> work) {
        if (!underWay.add(orderId)) {
            throw new OrderException.WrongState(
                    "a batch of the order is being taken or cleared away; look at the order, then hand it in again");
        }
        try {
            return work.get();
        } finally {
            underWay.remove(orderId);
        }
    }

    /** @throws OrderException.WrongState unless an order awaits a batch */
    public static void requireAwaited(Order order) {
        if (order.state() != OrderState.AWAITED) {
            throw new OrderException.WrongState("the order is " + order.state() + " and awaits no batch");
        }
    }

    private int read(Order order, Path file, SignerTrust trust) {
        try {
            Opener opener = new Opener(recipient, trust, clock);
            VerifiedEnvelope verified = opener.verify(file);
            return opener.open(file, verified, in -> {
                Pieces pieces = new Pieces(order);
                BatchReader.read(in, OutputFormats.PARSER, pieces.batch);
                pieces.store();
                return pieces.batch.count();
            });
        } catch (EnvelopeException | BatchFormatException | LoadFileException e) {
            throw new IntakeException(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new IntakeException("the batch cannot be read: " + e.getMessage());
        }
    }

    /** Collects cards of a batch, and takes them in when they are a piece. */
    private final class Pieces {

        private final String orderId;
        private final VendorBatch batch;
        private final List<VendorBatch.Card> waiting = new ArrayList<>(CARDS_PER_PIECE);

        Pieces(Order order) {
            orderId = order.id();
            VendorSecrets secrets = new VendorSecrets(
                    order, staged.lines(order, ring, storage, tokens.profile()), ring, storage, tokens.profile());
            batch = new VendorBatch(order, operator, secrets, this::add);
        }

        private void add(VendorBatch.Card card) {
            waiting.add(card);
            if (waiting.size() == CARDS_PER_PIECE) {
                store();
            }
        }

        /** A few cards are one task for a lane, so that vector requests get their turn between. */
        void store() {
            List<CompletableFuture<List<StagedCards.Staged>>> tasks = new ArrayList<>();
            for (int from = 0; from < waiting.size(); from += CARDS_PER_TASK) {
                List<VendorBatch.Card> few =
                        List.copyOf(waiting.subList(from, Math.min(from + CARDS_PER_TASK, waiting.size())));
                tasks.add(tokens.startOnFirst(session -> few.stream()
                        .map(card -> batch.take(session, intake, card))
                        .toList()));
            }
            waiting.clear();
            List<StagedCards.Staged> piece = new ArrayList<>(CARDS_PER_PIECE);
            tasks.forEach(task -> piece.addAll(joined(task)));
            staged.add(orderId, piece);
        }
    }

    private static <T> T joined(CompletableFuture<T> task) {
        try {
            return task.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
