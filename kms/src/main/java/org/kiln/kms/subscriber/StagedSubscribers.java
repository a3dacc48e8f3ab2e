package org.kiln.kms.subscriber;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.kiln.transfer.numbering.Supi;

/**
 * The table of subscribers whose load file is not yet in: nobody is served from it. All methods work within the caller's
 * transaction.
 */
public final class StagedSubscribers {

    static final String TABLE = "subscriber_staged";

    private static final String PAGE = " load_id = ? and supi > ? and supi <= ?";

    private final SubscriberStore store;

    /** @param store where they go in the end */
    public StagedSubscribers(SubscriberStore store) {
        this.store = store;
    }

    /**
     * A subscriber and where he stands in his file.
     *
     * @param line 1 is the header
     */
    public record Staged(long line, Subscriber subscriber) {}

    /** What became of one who was to be staged. */
    public enum Fate {
        STAGED,
        /** The store has his SUPI. */
        EXISTS,
        /** His file has his SUPI twice. */
        STANDS_TWICE,
        /** Another unfinished load has his SUPI. */
        IN_ANOTHER_LOAD
    }

    /** One whom the store has come to have since he was staged. */
    public record Overtaken(long line, Supi supi) {}

    /**
     * Stages those whose SUPI is free.
     *
     * @return of each in its order what became of him
     * @throws org.kiln.kms.rotation.RotationException if a key they are wrapped under has been destroyed meanwhile
     */
    public List<Fate> stage(Connection connection, int load, List<Staged> page) throws SQLException {
        if (page.isEmpty()) {
            return List.of();
        }
        List<Subscriber> subscribers = page.stream().map(Staged::subscriber).toList();
        SubscriberStore.requireLive(connection, subscribers);
        Set<Supi> existing = SubscriberStore.existing(
                connection, subscribers.stream().map(Subscriber::supi).toList());
        List<Fate> fates = new ArrayList<>(Collections.nCopies(page.size(), Fate.EXISTS));
        List<Integer> free = new ArrayList<>(page.size());
        for (int i = 0; i < page.size(); i++) {
            if (!existing.contains(subscribers.get(i).supi())) {
                free.add(i);
            }
        }
        int[] inserted = insert(connection, load, free.stream().map(page::get).toList());
        for (int i = 0; i < inserted.length; i++) {
            fates.set(
                    free.get(i),
                    inserted[i] == 1
                            ? Fate.STAGED
                            : taken(
                                    connection,
                                    load,
                                    subscribers.get(free.get(i)).supi()));
        }
        return fates;
    }

    private int[] insert(Connection connection, int load, List<Staged> page) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into " + TABLE + " ("
                + SubscriberRow.COLUMNS
                + ", load_id, line) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing")) {
            for (Staged one : page) {
                store.bind(insert, one.subscriber());
                insert.setInt(15, load);
                insert.setLong(16, one.line());
                insert.addBatch();
            }
            return insert.executeBatch();
        }
    }

    private static Fate taken(Connection connection, int load, Supi supi) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select load_id from " + TABLE + " where supi = ?")) {
            select.setString(1, supi.value());
            try (ResultSet row = select.executeQuery()) {
                return row.next() && row.getInt(1) == load ? Fate.STANDS_TWICE : Fate.IN_ANOTHER_LOAD;
            }
        }
    }

    /** The last SUPI of the {@code size} that come after {@code after}; empty if none does. */
    public Optional<String> endOfPage(Connection connection, int load, String after, int size) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select max(supi) from (select supi from " + TABLE
                + " where load_id = ? and supi > ? order by supi limit ?) page")) {
            select.setInt(1, load);
            select.setString(2, after);
            select.setInt(3, size);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return Optional.ofNullable(row.getString(1));
            }
        }
    }

    /** Those after {@code after} up to {@code last} whom the store has meanwhile, by line. */
    public List<Overtaken> overtaken(Connection connection, int load, String after, String last) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select line, supi from " + TABLE + " where" + PAGE
                + " and exists (select 1 from subscriber where subscriber.supi = " + TABLE + ".supi) order by line")) {
            bindPage(select, load, after, last);
            List<Overtaken> overtaken = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    overtaken.add(new Overtaken(rows.getLong(1), new Supi(rows.getString(2))));
                }
            }
            return overtaken;
        }
    }

    /** Moves those after {@code after} up to {@code last} into the store, but for who is there; returns how many moved. */
    public long release(Connection connection, int load, String after, String last) throws SQLException {
        long moved;
        try (PreparedStatement insert =
                connection.prepareStatement("insert into subscriber (" + SubscriberRow.COLUMNS + ") select "
                        + SubscriberRow.COLUMNS + " from " + TABLE + " where" + PAGE + " on conflict do nothing")) {
            bindPage(insert, load, after, last);
            moved = insert.executeUpdate();
        }
        remove(connection, load, after, last);
        return moved;
    }

    /** Removes those after {@code after} up to {@code last}. */
    public void remove(Connection connection, int load, String after, String last) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("delete from " + TABLE + " where" + PAGE)) {
            bindPage(delete, load, after, last);
            delete.executeUpdate();
        }
    }

    private static void bindPage(PreparedStatement statement, int load, String after, String last) throws SQLException {
        statement.setInt(1, load);
        statement.setString(2, after);
        statement.setString(3, last);
    }
}
