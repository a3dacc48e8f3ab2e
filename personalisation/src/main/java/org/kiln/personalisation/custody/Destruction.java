package org.kiln.personalisation.custody;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.personalisation.journal.Journal;
import org.kiln.personalisation.numbering.NumberBlocks;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.Delivery;
import org.kiln.personalisation.order.DeliveryBook;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderState;
import org.kiln.personalisation.output.DeliveryFiles;
import org.kiln.transfer.numbering.Imsi;

/**
 * Destroys what is needed no more. A file goes from disk first and is then marked as gone, so that whatever a crash
 * leaves is found again by {@link #finish}.
 */
public final class Destruction {

    private static final int PAGE = 1_000;

    private final Database database;
    private final SubscriberStore subscribers;
    private final CardStore cards;
    private final OrderBook orders;
    private final DeliveryBook deliveries;
    private final DeliveryFiles files;

    public Destruction(
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

    /** Destroys a partner's file of an order, and its lines; nothing if that is done. */
    public void destroyFile(String orderId, String partner, String actor) {
        deliveries.of(orderId).stream()
                .filter(delivery -> delivery.partner().equals(partner))
                .forEach(delivery -> destroy(delivery, actor));
    }

    /** Destroys all files of an order, and their lines. */
    public void destroyFiles(String orderId, String actor) {
        deliveries.of(orderId).forEach(delivery -> destroy(delivery, actor));
    }

    private void destroy(Delivery delivery, String actor) {
        if (delivery.state() == Delivery.State.DESTROYED) {
            return;
        }
        files.destroy(delivery.orderId(), delivery.partner());
        database.write(connection -> deliveries.markDestroyed(connection, delivery, actor));
    }

    /**
     * Closes an order whose cards are served: nothing is left of its keys but what its profile lets the operator retain.
     *
     * @throws org.kiln.personalisation.order.OrderException.WrongState unless it is active
     */
    public Order close(String orderId, String actor) {
        database.read(connection -> {
            Order order = orders.require(connection, orderId);
            OrderBook.requireMayBecome(order, OrderState.CLOSED);
            return order;
        });
        destroyFiles(orderId, actor);
        return database.write(connection -> orders.move(
                connection,
                orders.require(connection, orderId),
                OrderState.CLOSED,
                actor,
                "all files and their keys are destroyed"));
    }

    /**
     * Gives an order up: files, keys and waiting subscribers are destroyed, numbers quarantined.
     *
     * @throws org.kiln.personalisation.order.OrderException.WrongState if its vendor has acknowledged it, or it is over
     */
    public Order cancel(String orderId, String actor, String why) {
        Order cancelled = database.write(connection -> {
            Order moved =
                    orders.move(connection, orders.require(connection, orderId), OrderState.CANCELLED, actor, why);
            NumberBlocks.quarantine(connection, orderId, why);
            return moved;
        });
        finish(cancelled, actor);
        return cancelled;
    }

    /** Destroys what is left of orders that were cancelled when a crash came between. */
    public void finish() {
        orders.inState(OrderState.CANCELLED).forEach(order -> finish(order, Journal.KILN));
    }

    private void finish(Order cancelled, String actor) {
        destroyFiles(cancelled.id(), actor);
        removeFilesWrittenSince(cancelled);
        int removed = removeSubscribers(cancelled, 0);
        for (int from = removed; removed > 0; from += removed) {
            removed = removeSubscribers(cancelled, from);
        }
        database.write(connection -> cards.delete(connection, cancelled.id()));
    }

    /** Those that somebody was writing when the order was cancelled, and a crash kept him from removing. */
    private void removeFilesWrittenSince(Order cancelled) {
        deliveries.of(cancelled.id()).forEach(delivery -> files.destroy(cancelled.id(), delivery.partner()));
    }

    private int removeSubscribers(Order cancelled, int from) {
        return database.write(connection -> {
            List<Imsi> page = imsis(connection, cancelled, from);
            subscribers.delete(connection, page.stream().map(Imsi::asSupi).toList());
            return page.size();
        });
    }

    private List<Imsi> imsis(Connection connection, Order order, int from) throws SQLException {
        return cards.imsis(connection, order.id(), from, PAGE);
    }
}
