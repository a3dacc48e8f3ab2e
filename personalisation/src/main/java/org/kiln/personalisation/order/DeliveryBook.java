package org.kiln.personalisation.order;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.kiln.kms.store.Database;
import org.kiln.personalisation.journal.Journal;
import org.kiln.personalisation.profile.Share;

/**
 * The files of orders and what became of each. The vendor's file takes his order with it: fetched, the order is delivered;
 * acknowledged, it is acknowledged. Everything here is on disk when a method returns, with its event in the order's journal.
 */
public final class DeliveryBook {

    private final Database database;
    private final OrderBook orders;
    private final InstantSource clock;

    public DeliveryBook(Database database, OrderBook orders, InstantSource clock) {
        this.database = database;
        this.orders = orders;
        this.clock = clock;
    }

    /**
     * A file is written.
     *
     * @throws OrderException.WrongState if the order was cancelled meanwhile
     */
    public void markWritten(String id, String partner, String sha256, String manifestSha256) {
        database.write(connection -> {
            OrderBook.requireMayBecome(orders.require(connection, id), OrderState.READY);
            markWritten(connection, id, partner, sha256, manifestSha256);
            return partner;
        });
    }

    /** A file is written, of cards that count from the caller's transaction on. */
    public void markWritten(Connection connection, String id, String partner, String sha256, String manifestSha256)
            throws SQLException {
        Instant now = clock.instant();
        DeliveryTable.setWritten(connection, id, partner, sha256, manifestSha256, now);
        OrderTable.JOURNAL.add(
                connection, id, now, Journal.KILN, "FILE_READY", "for " + partner + ", SHA-256 " + sha256);
    }

    /** A file was fetched as a whole. The vendor's makes the order delivered. */
    public void markFetched(String id, String partner, String actor) {
        database.write(connection -> {
            Delivery delivery = requireDelivery(connection, id, partner);
            Instant now = clock.instant();
            OrderTable.JOURNAL.add(connection, id, now, actor, "FILE_FETCHED", "for " + partner);
            if (delivery.state() == Delivery.State.READY) {
                DeliveryTable.setState(connection, delivery, Delivery.State.FETCHED, now);
            }
            Order order = orders.require(connection, id);
            if (delivery.plan().share() == Share.CARD_VENDOR && order.state() == OrderState.READY) {
                orders.move(connection, order, OrderState.DELIVERED, actor, "the vendor fetched his file");
            }
            return partner;
        });
    }

    /**
     * A recipient signed that he has a file and could open it. The vendor's word makes the order acknowledged.
     *
     * @throws OrderException.WrongState if the file was not fetched yet
     */
    public Order acknowledge(String id, String partner, String actor, String detail) {
        return database.write(connection -> {
            Delivery delivery = requireDelivery(connection, id, partner);
            Order order = orders.require(connection, id);
            if (delivery.acknowledged() != null) {
                return order;
            }
            boolean vendors = delivery.plan().share() == Share.CARD_VENDOR;
            boolean waits = delivery.state() == Delivery.State.PLANNED || delivery.state() == Delivery.State.READY;
            if (waits || (vendors && order.state() != OrderState.DELIVERED)) {
                throw new OrderException.WrongState("the file for '" + partner + "' is " + delivery.state()
                        + " and the order " + order.state() + ": nobody has fetched it that it could be acknowledged");
            }
            Instant now = clock.instant();
            OrderTable.JOURNAL.add(connection, id, now, actor, "FILE_ACKNOWLEDGED", "by " + partner + ": " + detail);
            DeliveryTable.setAcknowledged(connection, delivery, now);
            return vendors ? orders.move(connection, order, OrderState.ACKNOWLEDGED, actor, detail) : order;
        });
    }

    /** Records that a recipient refuses his file; a person of the operator decides what follows. */
    public void refuse(String id, String partner, String actor, String why) {
        database.write(connection -> {
            requireDelivery(connection, id, partner);
            OrderTable.JOURNAL.add(
                    connection, id, clock.instant(), actor, "FILE_REFUSED", "by " + partner + ": " + why);
            return partner;
        });
    }

    /**
     * The files of an order, for whoever is to make or to take one.
     *
     * @throws OrderException.Damaged if they are not as they were fixed when the order was approved
     */
    public List<Delivery> authentic(String id) {
        return database.read(connection -> {
            orders.requireAuthenticFiles(connection, id);
            return DeliveryTable.list(connection, id);
        });
    }

    /** The files of an order as they are stored. */
    public List<Delivery> of(String id) {
        return database.read(connection -> DeliveryTable.list(connection, id));
    }

    /** The files for a partner that can be fetched, or were. */
    public List<Delivery> to(String partner) {
        return database.read(connection -> DeliveryTable.listTo(connection, partner));
    }

    private static Delivery requireDelivery(Connection connection, String id, String partner) throws SQLException {
        return DeliveryTable.list(connection, id).stream()
                .filter(delivery -> delivery.partner().equals(partner))
                .findFirst()
                .orElseThrow(() -> new OrderException.Unknown("the order has no file for '" + partner + "'"));
    }

    /**
     * Forgets the lines of a file that is gone from disk, within the caller's transaction.
     *
     * @return how many there were
     */
    public int markDestroyed(Connection connection, Delivery delivery, String actor) throws SQLException {
        Instant now = clock.instant();
        int rows = DeliveryTable.deleteRows(connection, delivery);
        DeliveryTable.setState(connection, delivery, Delivery.State.DESTROYED, now);
        OrderTable.JOURNAL.add(
                connection,
                delivery.orderId(),
                now,
                actor,
                "FILE_DESTROYED",
                "for " + delivery.partner() + ", and " + rows + " lines of it");
        return rows;
    }
}
