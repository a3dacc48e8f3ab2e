package org.kiln.kms.subscriber;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.rotation.StorageKeyRegister;
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
        StorageKeyRegister.requireLive(
                connection,
                subscribers.stream()
                        .flatMap(one -> Stream.of(one.ki().keyLabel(), one.opc().keyLabel()))
                        .collect(Collectors.toSet()));
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into subscriber (supi, algorithm, ki_key, ki_blob, opc_key, opc_blob, amf, ind_length, dif, mac)"
                        + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing")) {
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
                if (insert.executeUpdate() == 0) {
                    throw new DuplicateSubscriberException(subscriber.supi());
                }
            }
        }
    }

    /**
     * Writes the subscriber's DIF, leaving the rest of his record as it is on disk.
     *
     * @return the record that is on disk when this returns
     * @throws RecordRefusedException if the record is gone or its MAC is wrong
     */
    public Subscriber updateDif(Supi supi, long dif) {
        return database.write(connection -> {
            Subscriber changed = find(connection, supi)
                    .orElseThrow(() -> new RecordRefusedException(supi))
                    .withDif(dif);
            try (PreparedStatement update =
                    connection.prepareStatement("update subscriber set dif = ?, mac = ? where supi = ?")) {
                update.setLong(1, dif);
                update.setBytes(2, mac.compute(changed.authenticated()));
                update.setString(3, supi.value());
                update.executeUpdate();
            }
            return changed;
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
