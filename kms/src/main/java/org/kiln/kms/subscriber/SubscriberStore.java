package org.kiln.kms.subscriber;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.sqn.SqnState;
import org.kiln.kms.store.Database;
import org.kiln.transfer.numbering.Supi;

/** The table of subscribers. Every record is written with its MAC and checked when it is read. */
public final class SubscriberStore {

    private final Database database;
    private final RecordMac mac;

    public SubscriberStore(Database database, RecordMac mac) {
        this.database = database;
        this.mac = mac;
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

    private static void requireLive(Connection connection, Collection<Subscriber> subscribers) throws SQLException {
        StorageKeyRegister.requireLive(
                connection,
                subscribers.stream()
                        .flatMap(one -> Stream.of(one.ki(), one.opc()))
                        .filter(key -> !key.equals(WrappedKey.NONE))
                        .map(WrappedKey::keyLabel)
                        .collect(Collectors.toSet()));
    }

    private void bind(PreparedStatement insert, Subscriber subscriber) throws SQLException {
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

    /**
     * Puts a subscriber into the store, in the place of the one who has his SUPI if there is one.
     *
     * @param replace the subscriber to store, given the one who is there
     * @return whether there was none
     * @throws org.kiln.kms.rotation.RotationException if a key he is wrapped under has been destroyed meanwhile
     */
    public boolean put(Supi supi, Function<Optional<Subscriber>, Subscriber> replace) {
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
            return before.isEmpty();
        });
    }

    /** Removes a subscriber and what is kept of him; false if there is none. */
    public boolean delete(Supi supi) {
        return database.write(connection -> {
            try (PreparedStatement delete = connection.prepareStatement("delete from subscriber where supi = ?")) {
                delete.setString(1, supi.value());
                return delete.executeUpdate() == 1;
            }
        });
    }

    /**
     * Changes what the subscriber's record holds of his sequence numbers, leaving the rest as it is on disk.
     *
     * @param change of what is on disk, whoever wrote it
     * @return the record that is on disk when this returns
     * @throws RecordRefusedException if the record is gone or its MAC is wrong
     */
    public Subscriber updateSqn(Supi supi, UnaryOperator<SqnState> change) {
        return database.write(connection -> {
            Subscriber found = find(connection, supi).orElseThrow(() -> new RecordRefusedException(supi));
            Subscriber changed = found.withSqn(change.apply(found.sqn()));
            try (PreparedStatement update =
                    connection.prepareStatement("update subscriber set sqn_value = ?, mac = ? where supi = ?")) {
                update.setLong(1, changed.sqn().durable());
                update.setBytes(2, mac.compute(changed.authenticated()));
                update.setString(3, supi.value());
                update.executeUpdate();
            }
            return changed;
        });
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
            }
            delete.executeBatch();
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

    /** The ceiling that this node's last life left, or 0. */
    public long readCeiling(int node) {
        return database.read(connection -> {
            try (PreparedStatement select =
                    connection.prepareStatement("select tenths from sqn_ceiling where node = ?")) {
                select.setInt(1, node);
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? row.getLong(1) : 0L;
                }
            }
        });
    }

    /** Writes the node's ceiling; it is on disk when this returns. */
    public void writeCeiling(int node, long tenths) {
        database.write(connection -> {
            try (PreparedStatement upsert =
                    connection.prepareStatement("insert into sqn_ceiling (node, tenths) values (?, ?)"
                            + " on conflict (node) do update set tenths = excluded.tenths")) {
                upsert.setInt(1, node);
                upsert.setLong(2, tenths);
                return upsert.executeUpdate();
            }
        });
    }
}
