package org.kiln.kms.subscriber;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.sqn.SqnState;
import org.kiln.kms.store.ChangeFeed;
import org.kiln.kms.store.Database;
import org.kiln.transfer.numbering.Supi;

/** The table of subscribers. Every record is written with its MAC and checked when it is read. */
public final class SubscriberStore {

    private static final String CHANNEL = "kiln_subscriber";
    private static final int ROWS_A_PAGE = 1000;

    /** The statement that finds two to the power of the index. */
    private static final List<String> FIND = IntStream.rangeClosed(0, 10)
            .mapToObj(power -> "select " + SubscriberRow.COLUMNS + " from subscriber where supi in (?"
                    + ", ?".repeat((1 << power) - 1) + ")")
            .toList();

    private final Database database;
    private final RecordMac mac;

    public SubscriberStore(Database database, RecordMac mac) {
        this.database = database;
        this.mac = mac;
    }

    /** The database that the table is in. */
    public Database database() {
        return database;
    }

    /**
     * The subscriber's record.
     *
     * @throws RecordRefusedException if its MAC is wrong
     */
    public Optional<Subscriber> find(Supi supi) {
        return database.read(connection -> find(connection, supi));
    }

    private Optional<Subscriber> find(Connection connection, Supi supi) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select " + SubscriberRow.COLUMNS + " from subscriber where supi = ?")) {
            select.setString(1, supi.value());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(SubscriberRow.read(row).checked(mac)) : Optional.empty();
            }
        }
    }

    /**
     * The records of those who are in the store, read together.
     *
     * @param supis 1024 at most
     */
    public Map<Supi, SubscriberRecord> find(Collection<Supi> supis) {
        List<Supi> asked = supis.stream().distinct().toList();
        int places = places(asked.size());
        return database.query(FIND.get(Integer.numberOfTrailingZeros(places)), select -> {
            for (int i = 0; i < places; i++) {
                select.setString(i + 1, asked.get(Math.min(i, asked.size() - 1)).value());
            }
            Map<Supi, SubscriberRecord> found = HashMap.newHashMap(asked.size());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    SubscriberRecord read = new SubscriberRecord(SubscriberRow.read(rows), mac);
                    found.put(read.supi(), read);
                }
            }
            return found;
        });
    }

    /** Powers of two, that few statements are prepared. */
    private static int places(int count) {
        return count == 1 ? 1 : Integer.highestOneBit(count - 1) << 1;
    }

    /** Whether a subscriber with this SUPI is in the store. */
    public boolean contains(Supi supi) {
        return database.read(connection -> exists(connection, supi));
    }

    private static boolean exists(Connection connection, Supi supi) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select 1 from subscriber where supi = ?")) {
            select.setString(1, supi.value());
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    /**
     * Adds subscribers within the caller's transaction.
     *
     * @throws DuplicateSubscriberException for the first that exists already
     * @throws org.kiln.kms.rotation.RotationException if a key they are wrapped under has been destroyed meanwhile
     */
    public void insert(Connection connection, Collection<Subscriber> subscribers) throws SQLException {
        requireLive(connection, subscribers);
        try (PreparedStatement insert = connection.prepareStatement("insert into subscriber (" + SubscriberRow.COLUMNS
                + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing")) {
            for (Subscriber subscriber : subscribers) {
                bind(insert, subscriber);
                if (insert.executeUpdate() == 0) {
                    throw new DuplicateSubscriberException(subscriber.supi());
                }
            }
        }
    }

    static void requireLive(Connection connection, Collection<Subscriber> subscribers) throws SQLException {
        StorageKeyRegister.requireLive(
                connection,
                subscribers.stream()
                        .flatMap(one -> Stream.of(one.ki(), one.opc()))
                        .filter(key -> !key.equals(WrappedKey.NONE))
                        .map(WrappedKey::keyLabel)
                        .collect(Collectors.toSet()));
    }

    void bind(PreparedStatement insert, Subscriber subscriber) throws SQLException {
        insert.setString(1, subscriber.supi().value());
        insert.setString(2, subscriber.algorithm().label());
        insert.setString(3, subscriber.ki().keyLabel());
        insert.setBytes(4, subscriber.ki().blob());
        insert.setString(5, subscriber.opc().keyLabel());
        insert.setBytes(6, subscriber.opc().blob());
        insert.setInt(7, subscriber.amf());
        insert.setString(8, subscriber.sqn().scheme().name());
        insert.setInt(9, subscriber.sqn().indLength());
        insert.setLong(10, subscriber.sqn().durable());
        insert.setBytes(11, mac.compute(subscriber.authenticated()));
        insert.setString(12, subscriber.algorithm().parameters());
        insert.setString(13, subscriber.method().label());
        insert.setString(14, subscriber.status().name());
    }

    /** What is written in the transaction of a change. */
    @FunctionalInterface
    public interface Beside {

        /** @param isNew whether there was no subscriber of this SUPI */
        void write(Connection connection, boolean isNew) throws SQLException;
    }

    /** A subscriber's name where his SUPI is not to stand: a code of it by this token's key, 32 hexadecimal digits. */
    public String pseudonym(Supi supi) {
        return HexFormat.of()
                .formatHex(mac.compute(("supi-pseudonym/1\n" + supi.value()).getBytes(StandardCharsets.US_ASCII)));
    }

    /** As {@link #put(Supi, Function, Beside)}, with nothing beside. */
    public boolean put(Supi supi, Function<Optional<Subscriber>, Subscriber> replace) {
        return put(supi, replace, (connection, isNew) -> {});
    }

    /**
     * Puts a subscriber into the store, in the place of the one who has his SUPI if there is one.
     *
     * @param replace the subscriber to store, given the one who is there
     * @return whether there was none
     * @throws org.kiln.kms.rotation.RotationException if a key he is wrapped under has been destroyed meanwhile
     */
    public boolean put(Supi supi, Function<Optional<Subscriber>, Subscriber> replace, Beside beside) {
        return database.write(connection -> {
            Optional<Subscriber> before = find(connection, supi);
            Subscriber after = replace.apply(before);
            requireLive(connection, List.of(after));
            try (PreparedStatement upsert = connection.prepareStatement("insert into subscriber ("
                    + SubscriberRow.COLUMNS
                    + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (supi) do update"
                    + " set algorithm = excluded.algorithm, ki_key = excluded.ki_key, ki_blob = excluded.ki_blob,"
                    + " opc_key = excluded.opc_key, opc_blob = excluded.opc_blob, amf = excluded.amf,"
                    + " sqn_scheme = excluded.sqn_scheme, ind_length = excluded.ind_length,"
                    + " sqn_value = excluded.sqn_value, mac = excluded.mac,"
                    + " algorithm_parameters = excluded.algorithm_parameters,"
                    + " auth_method = excluded.auth_method, status = excluded.status")) {
                bind(upsert, after);
                upsert.executeUpdate();
            }
            announce(connection, supi, before);
            beside.write(connection, before.isEmpty());
            return before.isEmpty();
        });
    }

    /**
     * Reads the records of all whose SUPI is at least {@code from} and less than {@code below}, by SUPI, from one state of
     * the database.
     *
     * @throws RecordRefusedException for the first whose MAC is wrong
     */
    public void scan(String from, String below, Consumer<Subscriber> each) {
        database.scan(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select " + SubscriberRow.COLUMNS
                    + " from subscriber where supi >= ? and supi < ? order by supi")) {
                select.setString(1, from);
                select.setString(2, below);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        each.accept(SubscriberRow.read(rows).checked(mac));
                    }
                }
            }
            return from;
        });
    }

    /** Which of these are in the store. */
    public Set<Supi> existing(Collection<Supi> supis) {
        return supis.isEmpty() ? Set.of() : database.read(connection -> existing(connection, supis));
    }

    static Set<Supi> existing(Connection connection, Collection<Supi> supis) throws SQLException {
        List<Supi> asked = List.copyOf(supis);
        Set<Supi> found = new HashSet<>();
        try (PreparedStatement select = connection.prepareStatement(
                "select supi from subscriber where supi in (?" + ", ?".repeat(places(asked.size()) - 1) + ")")) {
            for (int i = 0; i < places(asked.size()); i++) {
                select.setString(i + 1, asked.get(Math.min(i, asked.size() - 1)).value());
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.add(new Supi(rows.getString(1)));
                }
            }
        }
        return found;
    }

    /** As {@link #delete(Supi, Beside)}, with nothing beside. */
    public boolean delete(Supi supi) {
        return delete(supi, (connection, isNew) -> {});
    }

    /** Removes a subscriber and what is kept of him; false if there is none. */
    public boolean delete(Supi supi, Beside beside) {
        return database.write(connection -> {
            try (PreparedStatement delete = connection.prepareStatement("delete from subscriber where supi = ?")) {
                delete.setString(1, supi.value());
                database.announce(connection, CHANNEL, supi.value());
                if (delete.executeUpdate() == 0) {
                    return false;
                }
                beside.write(connection, false);
                return true;
            }
        });
    }

    /**
     * Changes what records hold of their sequence numbers, in one transaction: each that is on disk as it is known, and no
     * other. The MAC stands for the whole record: one with another MAC is another record.
     *
     * @return of each in its order, whether it was changed
     */
    public List<Boolean> advance(List<SqnAdvance> advances) {
        List<SqnAdvance> inOrder = advances.stream()
                .sorted(Comparator.comparing(advance -> advance.known().supi().value()))
                .toList();
        Set<SqnAdvance> done = Collections.newSetFromMap(new IdentityHashMap<>());
        database.writeBeside(connection -> {
            done.clear();
            try (PreparedStatement update = connection.prepareStatement(
                    "update subscriber set sqn_value = ?, mac = ? where supi = ? and mac = ?")) {
                for (SqnAdvance advance : inOrder) {
                    update.setLong(1, advance.durable());
                    update.setBytes(2, mac.compute(advance.advanced().authenticated()));
                    update.setString(3, advance.known().supi().value());
                    update.setBytes(4, mac.compute(advance.known().authenticated()));
                    update.addBatch();
                }
                int[] changed = update.executeBatch();
                for (int i = 0; i < changed.length; i++) {
                    if (changed[i] == 1) {
                        done.add(inOrder.get(i));
                    }
                }
                return done.size();
            }
        });
        return advances.stream().map(done::contains).toList();
    }

    /**
     * Changes whether subscribers are served, within the caller's transaction.
     *
     * @throws RecordRefusedException if a record is gone or its MAC is wrong
     */
    public void updateStatus(Connection connection, Collection<Supi> supis, SubscriberStatus status)
            throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("update subscriber set status = ?, mac = ? where supi = ?")) {
            for (Supi supi : supis) {
                Subscriber found = find(connection, supi).orElseThrow(() -> new RecordRefusedException(supi));
                update.setString(1, status.name());
                update.setBytes(2, mac.compute(found.withStatus(status).authenticated()));
                update.setString(3, supi.value());
                update.addBatch();
                announce(connection, supi, Optional.of(found));
            }
            update.executeBatch();
        }
    }

    /** Removes subscribers within the caller's transaction; those who are not there are passed over. */
    public void delete(Connection connection, Collection<Supi> supis) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("delete from subscriber where supi = ?")) {
            for (Supi supi : supis) {
                delete.setString(1, supi.value());
                delete.addBatch();
                database.announce(connection, CHANNEL, supi.value());
            }
            delete.executeBatch();
        }
    }

    /**
     * Changes what every record holds of its sequence numbers, within the caller's transaction, in which nobody is served.
     *
     * @param done told how many are changed so far
     * @throws RecordRefusedException for the first whose MAC is wrong
     */
    public void renumber(Connection connection, UnaryOperator<SqnState> change, LongConsumer done) throws SQLException {
        String after = "";
        long changed = 0;
        List<Subscriber> page = page(connection, after);
        while (!page.isEmpty()) {
            try (PreparedStatement update =
                    connection.prepareStatement("update subscriber set sqn_value = ?, mac = ? where supi = ?")) {
                for (Subscriber before : page) {
                    Subscriber renumbered = before.withSqn(change.apply(before.sqn()));
                    update.setLong(1, renumbered.sqn().durable());
                    update.setBytes(2, mac.compute(renumbered.authenticated()));
                    update.setString(3, renumbered.supi().value());
                    update.addBatch();
                }
                update.executeBatch();
            }
            changed += page.size();
            done.accept(changed);
            after = page.getLast().supi().value();
            page = page(connection, after);
        }
    }

    private List<Subscriber> page(Connection connection, String after) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select " + SubscriberRow.COLUMNS
                + " from subscriber where supi > ? order by supi limit " + ROWS_A_PAGE)) {
            select.setString(1, after);
            List<Subscriber> page = new ArrayList<>(ROWS_A_PAGE);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    page.add(SubscriberRow.read(rows).checked(mac));
                }
            }
            return page;
        }
    }

    public long count() {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("select count(*) from subscriber");
                    ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    /** Tells other nodes, who may have a subscriber in use only if he was active. */
    private void announce(Connection connection, Supi supi, Optional<Subscriber> before) throws SQLException {
        if (before.isPresent() && before.get().status() == SubscriberStatus.ACTIVE) {
            database.announce(connection, CHANNEL, supi.value());
        }
    }

    /**
     * Hears of subscribers whom any process has changed or removed.
     *
     * @param changed soon after the change
     * @param gap when changes may have been missed
     */
    public ChangeFeed changes(Consumer<Supi> changed, Runnable gap) {
        return database.feed(CHANNEL, supi -> changed.accept(new Supi(supi)), gap);
    }
}
