package org.kiln.personalisation.order;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.kms.approval.Waiting;
import org.kiln.kms.store.Database;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.journal.Journal;
import org.kiln.personalisation.journal.JournalEntry;
import org.kiln.personalisation.numbering.NumberBlocks;
import org.kiln.personalisation.numbering.NumberKind;
import org.kiln.personalisation.numbering.NumberRange;
import org.kiln.personalisation.numbering.NumberRanges;
import org.kiln.personalisation.partner.Partner;
import org.kiln.personalisation.partner.PartnerRegister;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.ProfileBook;
import org.kiln.personalisation.profile.ProfileException;
import org.kiln.personalisation.profile.ProfileVersion;
import org.kiln.personalisation.profile.Share;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The orders and how far each has come. Everything here is on disk when a method returns, with the event that says who did
 * it, in one transaction. Whoever asks for an order does not approve it, and one that nobody approves in time is over. Every row has a
 * code, which is checked before anything is done with it.
 */
public final class OrderBook {

    private static final Logger LOG = LoggerFactory.getLogger(OrderBook.class);

    private final Database database;
    private final ProfileBook profiles;
    private final PartnerRegister partners;
    private final NumberRanges ranges;
    private final SecondPerson secondPerson;
    private final InstantSource clock;

    public OrderBook(Database database, ProfileBook profiles, SecondPerson secondPerson, InstantSource clock) {
        this.database = database;
        this.profiles = profiles;
        this.secondPerson = secondPerson;
        this.clock = clock;
        partners = new PartnerRegister(database, secondPerson, clock);
        ranges = new NumberRanges(database, secondPerson, clock);
    }

    /**
     * An order as it would be entered, to be looked at: it has no number and is nowhere yet.
     *
     * @throws OrderException.Refused if it names a range that is not there
     * @throws org.kiln.personalisation.profile.ProfileException if its profile cannot be ordered
     */
    public Order preview(CardOrder request, String actor) {
        return database.read(connection -> {
            ProfileVersion profile = orderable(connection, request);
            Instant now = clock.instant();
            return new Order(
                    "",
                    request,
                    profile.profile(),
                    profile.version(),
                    OrderState.REQUESTED,
                    new Order.FirstNumbers("", "", "", "", true),
                    now,
                    actor,
                    now,
                    secondPerson.deadline(now));
        });
    }

    private ProfileVersion orderable(Connection connection, CardOrder request) throws SQLException {
        ProfileVersion profile = profiles.orderable(connection, request.profile(), request.profileVersion());
        for (Wanted wanted : wanted(request)) {
            ranges.require(connection, wanted.range, wanted.kind, request.operator());
        }
        return profile;
    }

    /**
     * Enters an order, which waits for approval; an order with the vendor's idempotency key is returned as it is.
     *
     * @throws OrderException.Refused if the key was used for something else, or it names a range that is not there
     * @throws org.kiln.personalisation.profile.ProfileException if its profile cannot be ordered
     */
    public Order enter(CardOrder request, String actor) {
        return database.write(connection -> {
            Optional<OrderRow> earlier = OrderTable.findByKey(connection, request);
            if (earlier.isPresent()) {
                Order known = authentic(connection, earlier.get());
                if (!known.request().equals(request)) {
                    throw new OrderException.Refused("idempotencyKey '" + request.idempotencyKey()
                            + "' was used for another order; give this one a key of its own");
                }
                return known;
            }
            ProfileVersion profile = orderable(connection, request);
            String id = UUID.randomUUID().toString();
            Instant now = clock.instant();
            OrderRow row = new OrderRow(
                    id,
                    request.idempotencyKey(),
                    request.vendor(),
                    Documents.writeJson(request),
                    profile.profile().name(),
                    profile.version(),
                    OrderState.REQUESTED,
                    new Order.FirstNumbers("", "", "", "", true),
                    now.toString(),
                    actor,
                    now.toString(),
                    secondPerson.deadline(now).toString(),
                    null);
            OrderTable.insert(connection, row, secondPerson);
            OrderTable.JOURNAL.add(
                    connection,
                    id,
                    now,
                    actor,
                    OrderState.REQUESTED.name(),
                    request.quantity() + " cards of profile " + request.profile() + "/" + profile.version());
            return require(connection, id);
        });
    }

    private record Wanted(NumberKind kind, String range) {}

    private static List<Wanted> wanted(CardOrder request) {
        List<Wanted> wanted = new ArrayList<>();
        wanted.add(new Wanted(NumberKind.ICCID, request.iccids()));
        wanted.add(new Wanted(NumberKind.IMSI, request.imsis()));
        addIfNamed(wanted, NumberKind.MSISDN, request.msisdns());
        addIfNamed(wanted, NumberKind.EID, request.eids());
        return wanted;
    }

    private static void addIfNamed(List<Wanted> wanted, NumberKind kind, @Nullable String range) {
        if (range != null) {
            wanted.add(new Wanted(kind, range));
        }
    }

    /**
     * The files that an order would become if it were approved now.
     *
     * @throws OrderException if a recipient of its profile is no partner
     */
    public List<DeliveryPlan> plan(Order order) {
        return database.read(connection -> plan(connection, order));
    }

    private List<DeliveryPlan> plan(Connection connection, Order order) throws SQLException {
        if (order.request().vendorMakes() && order.profile().authentication().hasOwnChoices()) {
            throw new OrderException.Refused("the profile's algorithm has choices of the operator's own, which a"
                    + " vendor's batch cannot name; order another profile");
        }
        List<DeliveryPlan> plans = new ArrayList<>();
        if (!order.request().vendorMakes()) {
            plans.add(new DeliveryPlan(order.request().asPartner(), Share.CARD_VENDOR));
        }
        Set<String> names = new LinkedHashSet<>();
        names.add(order.request().vendor());
        for (CardProfile.Recipient recipient : order.profile().recipients()) {
            Partner partner = partners.find(connection, recipient.partner())
                    .orElseThrow(() -> new OrderException.Refused("the profile names '" + recipient.partner()
                            + "', who is no partner; 'kiln partner put' enters one"));
            if (!names.add(partner.name())) {
                throw new OrderException.Refused("'" + partner.name() + "' would get two files of one order");
            }
            plans.add(new DeliveryPlan(partner, recipient.share()));
        }
        return plans;
    }

    /**
     * Lets an order be made: takes its numbers and fixes its files.
     *
     * @throws OrderException.SecondPerson if {@code actor} asked for it
     * @throws OrderException.Expired if its time is over
     * @throws OrderException.Damaged if its row was changed
     * @throws OrderException.WrongState unless it waits for approval
     * @throws org.kiln.personalisation.numbering.RangeException if a range has not enough numbers left
     */
    public Order approve(String id, String actor) {
        expire();
        return database.write(connection -> {
            Order order = require(connection, id);
            requireInTime(order);
            requireState(order, OrderState.REQUESTED, "approved");
            if (order.requestedBy().equals(actor)) {
                throw new OrderException.SecondPerson(
                        "an order is approved by a second person, not by '" + actor + "', who asked for it");
            }
            Order.FirstNumbers numbers = takeNumbers(connection, order);
            List<DeliveryPlan> plans = plan(connection, order);
            DeliveryTable.insert(connection, id, plans, clock.instant(), secondPerson);
            String files = plans.isEmpty()
                    ? ""
                    : "; files for "
                            + plans.stream().map(plan -> plan.partner().name()).collect(Collectors.joining(", "));
            return order.request().vendorMakes()
                    ? move(
                            connection,
                            order,
                            OrderState.AWAITED,
                            numbers,
                            actor,
                            OrderState.AWAITED.name(),
                            "approved; the vendor makes the cards" + files)
                    : move(
                            connection,
                            order,
                            OrderState.GENERATING,
                            numbers,
                            actor,
                            OrderState.GENERATING.name(),
                            "approved" + files);
        });
    }

    /** An order that was rejected when its time was over was rejected for that. */
    private void requireInTime(Order order) {
        Instant until = order.approveUntil();
        Instant at = order.state() == OrderState.REQUESTED ? clock.instant() : order.changed();
        if (until != null
                && !at.isBefore(until)
                && (order.state() == OrderState.REQUESTED || order.state() == OrderState.REJECTED)) {
            throw new OrderException.Expired(
                    "nobody approved the order by " + until + ", and its time is over: have it"
                            + " ordered again, under an idempotencyKey of its own, and approved by a second person before then");
        }
    }

    /** Rejects orders that nobody approved in time. A row that was changed stays, for nothing can be done with it. */
    public void expire() {
        Predicate<OrderRow> over = row -> row.isOver(clock.instant()) && row.isAuthentic(secondPerson);
        if (database.read(OrderBook::requested).stream().anyMatch(over)) {
            database.write(connection -> {
                expire(connection, over, "nobody approved it in time");
                return over;
            });
        }
    }

    /**
     * Rejects all orders that wait, as if their time were over, within the caller's transaction: of one that comes from a backup nobody
     * knows what became since.
     */
    public void expireAll(Connection connection) throws SQLException {
        expire(connection, row -> row.isAuthentic(secondPerson), "it waited when the backup was made");
    }

    private void expire(Connection connection, Predicate<OrderRow> which, String why) throws SQLException {
        for (OrderRow row : requested(connection)) {
            if (which.test(row)) {
                move(
                        connection,
                        row.read(ProfileBook.stored(connection, row.profileName(), row.profileVersion())),
                        OrderState.REJECTED,
                        row.numbers(),
                        Journal.KILN,
                        "EXPIRED",
                        why);
            }
        }
    }

    private static List<OrderRow> requested(Connection connection) throws SQLException {
        return OrderTable.select(connection, "where state = 'REQUESTED' order by created, id");
    }

    /** Orders that wait for a second person. */
    public List<Waiting> waiting() {
        expire();
        return authentic(database.read(OrderBook::requested)).stream()
                .map(order -> new Waiting(
                        "card-order",
                        order.id() + ", " + order.request().quantity() + " cards of profile "
                                + order.request().profile() + "/" + order.profileVersion() + " for "
                                + order.request().vendor(),
                        order.requestedBy(),
                        order.created(),
                        Objects.requireNonNull(order.approveUntil()),
                        "kiln order approve " + order.id()))
                .toList();
    }

    /**
     * Gives rows of an earlier release their codes, within the caller's transaction; those that wait for approval are over.
     *
     * @return how many there were
     */
    public int enterCodes(Connection connection) throws SQLException {
        List<OrderRow> rows = OrderTable.select(connection, "where mac is null");
        for (OrderRow row : rows) {
            OrderTable.replace(
                    connection,
                    row,
                    row.state() == OrderState.REQUESTED ? row.expiring(row.created()) : row,
                    secondPerson);
        }
        DeliveryTable.enterCodes(connection, secondPerson);
        return rows.size();
    }

    /**
     * Holds the files of an order against what was fixed when it was approved, within the caller's transaction.
     *
     * @throws OrderException.Damaged if one was changed
     */
    void requireAuthenticFiles(Connection connection, String id) throws SQLException {
        DeliveryTable.requireAuthentic(connection, id, secondPerson);
    }

    private Order.FirstNumbers takeNumbers(Connection connection, Order order) throws SQLException {
        String iccid = "";
        String imsi = "";
        String msisdn = "";
        String eid = "";
        boolean luhn = true;
        for (Wanted wanted : wanted(order.request())) {
            NumberRange range = ranges.require(
                    connection, wanted.range, wanted.kind, order.request().operator());
            String first = NumberBlocks.take(connection, range, order.request().quantity(), order.id());
            switch (wanted.kind) {
                case ICCID -> {
                    iccid = first;
                    luhn = range.hasCheckDigit();
                }
                case IMSI -> imsi = first;
                case MSISDN -> msisdn = first;
                case EID -> eid = first;
            }
        }
        return new Order.FirstNumbers(iccid, imsi, msisdn, eid, luhn);
    }

    /** Declines an order that waits for approval. */
    public Order reject(String id, String actor, String why) {
        return database.write(connection -> {
            Order order = require(connection, id);
            requireState(order, OrderState.REQUESTED, "rejected");
            return move(connection, order, OrderState.REJECTED, actor, why);
        });
    }

    /** Has a failed order gone on with. */
    public Order retry(String id, String actor) {
        return database.write(connection -> {
            Order order = require(connection, id);
            requireState(order, OrderState.FAILED, "retried");
            return move(connection, order, OrderState.GENERATING, actor, "retried");
        });
    }

    /** All cards are made. */
    public void markReady(String id) {
        database.write(connection ->
                move(connection, require(connection, id), OrderState.READY, Journal.KILN, "all files ready"));
    }

    /** It cannot go on; unless it was cancelled meanwhile. */
    public void markFailed(String id, String why) {
        database.write(connection -> {
            Order order = require(connection, id);
            return order.state().mayBecome(OrderState.FAILED)
                    ? move(connection, order, OrderState.FAILED, Journal.KILN, why)
                    : order;
        });
    }

    /** @throws OrderException.Damaged if its row was changed */
    public Optional<Order> find(String id) {
        return database.read(connection -> {
            Optional<OrderRow> row = OrderTable.find(connection, id);
            return row.isEmpty() ? Optional.empty() : Optional.of(authentic(connection, row.get()));
        });
    }

    private Order authentic(Connection connection, OrderRow row) throws SQLException {
        return row.authentic(secondPerson).read(profiles.ordered(connection, row.profileName(), row.profileVersion()));
    }

    /** Those of them that Kiln wrote as they are; of the others it says so, for nothing can be done with them. */
    private List<Order> authentic(List<OrderRow> rows) {
        return database.read(connection -> {
            List<Order> orders = new ArrayList<>();
            for (OrderRow row : rows) {
                try {
                    orders.add(authentic(connection, row));
                } catch (OrderException.Damaged | ProfileException.Damaged e) {
                    LOG.error("order {} is left as it is: {}", row.id(), e.getMessage());
                }
            }
            return orders;
        });
    }

    /** How many orders are in each state; states without any may be missing. */
    public Map<OrderState, Long> census() {
        return database.read(connection -> {
            try (PreparedStatement select =
                            connection.prepareStatement("select state, count(*) from card_order group by state");
                    ResultSet rows = select.executeQuery()) {
                Map<OrderState, Long> census = new EnumMap<>(OrderState.class);
                while (rows.next()) {
                    census.put(OrderState.valueOf(rows.getString(1)), rows.getLong(2));
                }
                return census;
            }
        });
    }

    /** Orders in one of these states, the oldest first; but for those whose rows were changed. */
    public List<Order> inState(OrderState... states) {
        String marks = List.of(states).stream().map(state -> "?").collect(Collectors.joining(","));
        Object[] names = List.of(states).stream().map(Enum::name).toArray();
        return authentic(database.read(connection ->
                OrderTable.select(connection, "where state in (" + marks + ") order by created, id", names)));
    }

    /**
     * A page of orders as they are stored, the newest first.
     *
     * @param vendor whose orders; null for all
     * @param before the last order of the page before; null for the first page
     */
    public List<Order> page(@Nullable String vendor, @Nullable Order before, int limit) {
        String created = before == null ? "9" : before.created().toString();
        String id = before == null ? "" : before.id();
        return database.read(connection -> stored(
                connection,
                vendor == null
                        ? OrderTable.select(
                                connection,
                                "where (created, id) < (?, ?) order by created desc, id desc limit ?",
                                created,
                                id,
                                limit)
                        : OrderTable.select(
                                connection,
                                "where vendor = ? and (created, id) < (?, ?) order by created desc, id desc limit ?",
                                vendor,
                                created,
                                id,
                                limit)));
    }

    private static List<Order> stored(Connection connection, List<OrderRow> rows) throws SQLException {
        List<Order> orders = new ArrayList<>();
        for (OrderRow row : rows) {
            orders.add(row.read(ProfileBook.stored(connection, row.profileName(), row.profileVersion())));
        }
        return orders;
    }

    public List<JournalEntry> events(String id) {
        return database.read(connection -> OrderTable.JOURNAL.of(connection, id));
    }

    /**
     * The order of this number.
     *
     * @throws OrderException.Unknown if there is none
     * @throws OrderException.Damaged if its row was changed
     */
    public Order require(Connection connection, String id) throws SQLException {
        return authentic(connection, requireRow(connection, id));
    }

    private static OrderRow requireRow(Connection connection, String id) throws SQLException {
        return OrderTable.find(connection, id).orElseThrow(() -> new OrderException.Unknown("there is no such order"));
    }

    private static void requireState(Order order, OrderState state, String what) {
        if (order.state() != state) {
            throw new OrderException.WrongState(
                    "the order is " + order.state() + "; only one that is " + state + " is " + what);
        }
    }

    /** @throws OrderException.WrongState if an order cannot come to a state from where it is */
    public static void requireMayBecome(Order order, OrderState next) {
        if (!order.state().mayBecome(next)) {
            throw new OrderException.WrongState("the order is " + order.state() + " and cannot become " + next);
        }
    }

    /**
     * Brings an order to its next state, within the caller's transaction.
     *
     * @throws OrderException.WrongState if it cannot come there from where it is
     */
    public Order move(Connection connection, Order order, OrderState next, String actor, String detail)
            throws SQLException {
        return move(connection, order, next, order.numbers(), actor, next.name(), detail);
    }

    private Order move(
            Connection connection,
            Order order,
            OrderState next,
            Order.FirstNumbers numbers,
            String actor,
            String event,
            String detail)
            throws SQLException {
        requireMayBecome(order, next);
        Instant now = clock.instant();
        OrderRow before = requireRow(connection, order.id()).authentic(secondPerson);
        OrderTable.replace(connection, before, before.moved(next, numbers, now), secondPerson);
        OrderTable.JOURNAL.add(connection, order.id(), now, actor, event, detail);
        return require(connection, order.id());
    }
}
