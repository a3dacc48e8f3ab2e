package org.kiln.personalisation.intake;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.DuplicateSubscriberException;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.personalisation.generation.OrderLines;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.Delivery;
import org.kiln.personalisation.order.DeliveryBook;
import org.kiln.personalisation.order.DeliveryPlan;
import org.kiln.personalisation.order.MadeCard;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.order.OrderState;
import org.kiln.personalisation.output.DeliveryFiles;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.numbering.Imsi;

/**
 * Cards of a vendor's batch on their way in: stored piece by piece, each a short transaction, while the order awaits its
 * batch. When all are there, the files for the order's recipients are written. Neither counts for anything until the order is
 * acknowledged, in one last transaction: the subscribers are PENDING, whom the network does not know, and no file can be
 * fetched. What belongs to an order that still awaits its batch is left of one that failed.
 */
public final class StagedCards {

    private static final int PAGE = 1_000;

    private final Database database;
    private final SubscriberStore subscribers;
    private final CardStore cards;
    private final OrderBook orders;
    private final DeliveryBook deliveries;
    private final DeliveryFiles files;

    public StagedCards(
            Database database,
            SubscriberStore subscribers,
            CardStore cards,
            OrderBook orders,
            DeliveryBook deliveries,
            DeliveryFiles files) {
        this.database = database;
        this.subscribers = subscribers;
        this.cards = cards;
        this.orders = orders;
        this.deliveries = deliveries;
        this.files = files;
    }

    /** The lines that the order's files will have. */
    OrderLines lines(Order order, KeyRing ring, StorageKeys storage, TokenProfile token) {
        return OrderLines.of(order, plans(order.id()), files, ring, storage, token);
    }

    private List<DeliveryPlan> plans(String orderId) {
        return deliveries.authentic(orderId).stream().map(Delivery::plan).toList();
    }

    /** Orders that await a batch, and have what is left of one. */
    List<Order> left() {
        return orders.inState(OrderState.AWAITED).stream()
                .filter(order -> cards.count(order.id()) > 0)
                .toList();
    }

    /** A card and its subscriber, who is PENDING. */
    record Staged(MadeCard card, Subscriber subscriber) {}

    /**
     * Stores a piece.
     *
     * @throws IntakeException if a subscriber exists already
     * @throws OrderException.WrongState if the order awaits no batch any more
     */
    void add(String orderId, List<Staged> piece) {
        try {
            database.write(connection -> {
                BatchIntake.requireAwaited(orders.require(connection, orderId));
                subscribers.insert(
                        connection, piece.stream().map(Staged::subscriber).toList());
                cards.insert(
                        connection, orderId, piece.stream().map(Staged::card).toList());
                return orderId;
            });
        } catch (DuplicateSubscriberException e) {
            throw new IntakeException("subscriber " + e.supi().masked() + " exists already; nothing was taken");
        }
    }

    /** Writes the order's files and makes all that was stored count. */
    Order acknowledge(Order order, int taken, String actor) {
        List<WrittenFile> written = new ArrayList<>();
        for (DeliveryPlan plan : plans(order.id())) {
            written.add(new WrittenFile(plan.partner().name(), files.write(order, plan)));
        }
        return database.write(connection -> {
            for (WrittenFile file : written) {
                markWritten(connection, order.id(), file);
            }
            return orders.move(
                    connection,
                    orders.require(connection, order.id()),
                    OrderState.ACKNOWLEDGED,
                    actor,
                    taken + " cards of the vendor's own");
        });
    }

    private record WrittenFile(String partner, DeliveryFiles.Written written) {}

    private void markWritten(Connection connection, String orderId, WrittenFile file) throws SQLException {
        deliveries.markWritten(
                connection,
                orderId,
                file.partner(),
                file.written().sha256(),
                file.written().manifestSha256());
    }

    /** Removes what is left of a batch that was not taken to its end; nothing of an order that has its cards. */
    void clear(String orderId) {
        if (awaitsItsBatch(orderId)) {
            plans(orderId).forEach(plan -> files.destroy(orderId, plan.partner().name()));
        }
        int removed = PAGE;
        for (int from = 0; removed > 0; from += PAGE) {
            removed = clear(orderId, from);
        }
    }

    boolean isCancelled(String orderId) {
        return orders.find(orderId)
                .filter(order -> order.state() == OrderState.CANCELLED)
                .isPresent();
    }

    private boolean awaitsItsBatch(String orderId) {
        return orders.find(orderId)
                .filter(order -> order.state() == OrderState.AWAITED || order.state() == OrderState.CANCELLED)
                .isPresent();
    }

    private int clear(String orderId, int from) {
        return database.write(connection -> {
            OrderState state = orders.require(connection, orderId).state();
            if (state != OrderState.AWAITED && state != OrderState.CANCELLED) {
                return 0;
            }
            List<Imsi> page = cards.imsis(connection, orderId, from, PAGE);
            subscribers.delete(connection, page.stream().map(Imsi::asSupi).toList());
            cards.deleteBelow(connection, orderId, from + PAGE);
            return page.size();
        });
    }
}
