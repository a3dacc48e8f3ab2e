package org.kiln.kms.subscriber;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Optional;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.WrappedKey;
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
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                    "select algorithm, algorithm_parameters, ki_key, ki_blob, opc_key, opc_blob, amf, ind_length, dif, mac"
                            + " from subscriber where supi = ?")) {
                select.setString(1, supi.value());
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? Optional.of(checked(supi, row)) : Optional.empty();
                }
            }
        });
    }

    private Subscriber checked(Supi supi, ResultSet row) throws SQLException {
        Subscriber subscriber = new Subscriber(
                supi,
                algorithm(supi, row.getString(1), row.getString(2)),
                new WrappedKey(row.getString(3), row.getBytes(4)),
                new WrappedKey(row.getString(5), row.getBytes(6)),
                row.getInt(7),
                row.getInt(8),
                row.getLong(9));
        if (!mac.verify(subscriber.authenticated(), row.getBytes(10))) {
            throw new RecordRefusedException(supi);
        }
        return subscriber;
    }

    private static Algorithm algorithm(Supi supi, String label, String parameters) {
        try {
            return AlgorithmText.parse(label, parameters);
        } catch (AkaException e) {
            throw new RecordRefusedException(supi);
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
     */
    public void insert(Connection connection, Collection<Subscriber> subscribers) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into subscriber (supi, algorithm, ki_key, ki_blob, opc_key, opc_blob, amf, ind_length, dif, mac,"
                        + " algorithm_parameters) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing")) {
            for (Subscriber subscriber : subscribers) {
                insert.setString(1, subscriber.supi().value());
                insert.setString(2, subscriber.algorithm().label());
                insert.setString(3, subscriber.ki().keyLabel());
                insert.setBytes(4, subscriber.ki().blob());
                insert.setString(5, subscriber.opc().keyLabel());
                insert.setBytes(6, subscriber.opc().blob());
                insert.setInt(7, subscriber.amf());
                insert.setInt(8, subscriber.indLength());
                insert.setLong(9, subscriber.dif());
                insert.setBytes(10, mac.compute(subscriber.authenticated()));
                insert.setString(11, subscriber.algorithm().parameters());
                if (insert.executeUpdate() == 0) {
                    throw new DuplicateSubscriberException(subscriber.supi());
                }
            }
        }
    }

    /** Writes the subscriber's DIF; it is on disk when this returns. */
    public void updateDif(Subscriber subscriber) {
        database.write(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("update subscriber set dif = ?, mac = ? where supi = ?")) {
                update.setLong(1, subscriber.dif());
                update.setBytes(2, mac.compute(subscriber.authenticated()));
                update.setString(3, subscriber.supi().value());
                return update.executeUpdate();
            }
        });
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
