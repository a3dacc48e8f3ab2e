package org.kiln.personalisation.intake;

import java.util.List;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.DuplicateSubscriberException;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.MadeCard;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.order.OrderState;
import org.kiln.transfer.numbering.Imsi;

/**
 * Cards of a vendor's batch on their way in: stored piece by piece, each a short transaction, while the order awaits its
 * batch. They count for nothing until the order is acknowledged, in one last transaction: their subscribers are PENDING,
 * whom the network does not know. What belongs to an order that still awaits its batch is left of one that failed.
 */
final class StagedCards {

    private static final int PAGE = 1_000;

    private final Database database;
    private final SubscriberStore subscribers;
    private final CardStore cards;
    private final OrderBook orders;

    StagedCards(Database database, SubscriberStore subscribers, CardStore cards, OrderBook orders) {
        this.database = database;
        this.subscribers = subscribers;
        this.cards = cards;
        this.orders = orders;
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
                BatchIntake.requireAwaited(OrderBook.require(connection, orderId));
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

    /** Makes all that was stored count. */
    Order acknowledge(String orderId, int taken, String actor) {
        return database.write(connection -> orders.move(
                connection,
                OrderBook.require(connection, orderId),
                OrderState.ACKNOWLEDGED,
                actor,
                taken + " cards of the vendor's own"));
    }

    /** Removes what is left of a batch that was not taken to its end; nothing of an order that has its cards. */
    void clear(String orderId) {
        int removed = PAGE;
        for (int from = 0; removed > 0; from += PAGE) {
            removed = clear(orderId, from);
        }
    }

    private int clear(String orderId, int from) {
        return database.write(connection -> {
            OrderState state = OrderBook.require(connection, orderId).state();
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
