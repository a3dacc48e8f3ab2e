package org.kiln.personalisation.custody;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.personalisation.journal.Journal;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderState;
import org.kiln.transfer.numbering.Imsi;
import org.kiln.transfer.numbering.Supi;

/**
 * Lets the network serve the cards of acknowledged orders. A page of subscribers is one transaction; an order that a
 * crash left half activated is gone through again, which changes nothing for those who are active.
 */
public final class Activation {

    private static final int PAGE = 1_000;

    private final Database database;
    private final SubscriberStore subscribers;
    private final CardStore cards;
    private final OrderBook orders;

    public Activation(Database database, SubscriberStore subscribers, CardStore cards, OrderBook orders) {
        this.database = database;
        this.subscribers = subscribers;
        this.cards = cards;
        this.orders = orders;
    }

    /** Activates the subscribers of an order that its vendor has acknowledged. */
    public void activate(Order order) {
        int activated = 0;
        int page = activatePage(order, activated);
        while (page > 0) {
            activated += page;
            page = activatePage(order, activated);
        }
        String detail = activated + " subscribers served";
        database.write(connection -> {
            Order now = orders.require(connection, order.id());
            return now.state() == OrderState.ACKNOWLEDGED
                    ? orders.move(connection, now, OrderState.ACTIVE, Journal.KILN, detail)
                    : now;
        });
    }

    private int activatePage(Order order, int from) {
        return database.write(connection -> {
            if (orders.require(connection, order.id()).state() != OrderState.ACKNOWLEDGED) {
                return 0;
            }
            List<Supi> page = supis(connection, order, from);
            subscribers.updateStatus(connection, page, SubscriberStatus.ACTIVE);
            return page.size();
        });
    }

    private List<Supi> supis(Connection connection, Order order, int from) throws SQLException {
        return cards.imsis(connection, order.id(), from, PAGE).stream()
                .map(Imsi::asSupi)
                .toList();
    }
}
