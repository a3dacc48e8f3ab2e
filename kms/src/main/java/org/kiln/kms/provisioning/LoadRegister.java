package org.kiln.kms.provisioning;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.kiln.kms.provisioning.SubscriberLoad.State;
import org.kiln.kms.store.Database;

/** The table of loads, and the rows that they left out. */
final class LoadRegister {

    private static final String COLUMNS =
            "id, sha256, name, skips_bad, file_rows, passed, state, released, released_to, begun_at";

    private final Database database;

    LoadRegister(Database database) {
        this.database = database;
    }

    Optional<SubscriberLoad> find(String sha256) {
        return list().stream().filter(load -> load.sha256().equals(sha256)).findFirst();
    }

    List<SubscriberLoad> list() {
        return database.read(connection -> {
            try (PreparedStatement select =
                            connection.prepareStatement("select " + COLUMNS + " from subscriber_load order by id");
                    ResultSet rows = select.executeQuery()) {
                List<SubscriberLoad> loads = new ArrayList<>();
                while (rows.next()) {
                    loads.add(read(rows));
                }
                return loads;
            }
        });
    }

    Optional<SubscriberLoad> find(Connection connection, int id) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select " + COLUMNS + " from subscriber_load where id = ?")) {
            select.setInt(1, id);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(read(row)) : Optional.empty();
            }
        }
    }

    private static SubscriberLoad read(ResultSet row) throws SQLException {
        return new SubscriberLoad(
                row.getInt(1),
                row.getString(2),
                row.getString(3),
                row.getInt(4) == 1,
                row.getLong(5),
                row.getLong(6),
                State.valueOf(row.getString(7)),
                row.getLong(8),
                row.getString(9),
                row.getString(10));
    }

    /** @throws LoadBusyException if another process has begun this file */
    SubscriberLoad begin(String sha256, String name, boolean skipsBad, long fileRows) {
        return database.write(connection -> {
            int id;
            try (PreparedStatement select =
                            connection.prepareStatement("select coalesce(max(id), 0) + 1 from subscriber_load");
                    ResultSet row = select.executeQuery()) {
                row.next();
                id = row.getInt(1);
            }
            try (PreparedStatement insert = connection.prepareStatement("insert into subscriber_load (" + COLUMNS
                    + ") values (?, ?, ?, ?, ?, 0, 'STAGING', 0, '', ?) on conflict do nothing")) {
                insert.setInt(1, id);
                insert.setString(2, sha256);
                insert.setString(3, name);
                insert.setInt(4, skipsBad ? 1 : 0);
                insert.setLong(5, fileRows);
                insert.setString(
                        6, Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
                if (insert.executeUpdate() == 0) {
                    throw new LoadBusyException();
                }
            }
            return find(connection, id).orElseThrow();
        });
    }

    /**
     * Notes that rows of the file have been staged or left out.
     *
     * @throws LoadBusyException if another process goes through the file too, or has given it up
     */
    static void pass(Connection connection, int id, long from, long to) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "update subscriber_load set passed = ? where id = ? and passed = ? and state = 'STAGING'")) {
            update.setLong(1, to);
            update.setInt(2, id);
            update.setLong(3, from);
            if (update.executeUpdate() == 0) {
                throw new LoadBusyException();
            }
        }
    }

    /** @throws LoadBusyException if it is in another state by now */
    void change(int id, State from, State to) {
        database.write(connection -> {
            try (PreparedStatement update = connection.prepareStatement(
                    "update subscriber_load set state = ? where id = ? and state in (?, ?)")) {
                update.setString(1, to.name());
                update.setInt(2, id);
                update.setString(3, from.name());
                update.setString(4, to.name());
                if (update.executeUpdate() == 0) {
                    throw new LoadBusyException();
                }
                return id;
            }
        });
    }

    static void release(Connection connection, int id, long released, String releasedTo) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("update subscriber_load set released = ?, released_to = ? where id = ?")) {
            update.setLong(1, released);
            update.setString(2, releasedTo);
            update.setInt(3, id);
            update.executeUpdate();
        }
    }

    static void refuse(Connection connection, int id, List<LoadFileException> refusals) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into subscriber_load_refusal (load_id, line, message) values (?, ?, ?)")) {
            for (LoadFileException refusal : refusals) {
                insert.setInt(1, id);
                insert.setLong(2, refusal.line());
                insert.setString(3, String.valueOf(refusal.getMessage()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** Tells what was left out, by line, and returns how many rows that were. */
    long refusals(int id, Consumer<String> each) {
        return database.scan(connection -> {
            long count = 0;
            try (PreparedStatement select = connection.prepareStatement(
                    "select message from subscriber_load_refusal where load_id = ? order by line")) {
                select.setInt(1, id);
                try (ResultSet rows = select.executeQuery()) {
                    for (; rows.next(); count++) {
                        each.accept(rows.getString(1));
                    }
                }
            }
            return count;
        });
    }

    /** Forgets a load of which nothing is staged any more. */
    void end(int id) {
        database.write(connection -> {
            for (String statement : List.of(
                    "delete from subscriber_load_refusal where load_id = ?",
                    "delete from subscriber_load where id = ?")) {
                try (PreparedStatement delete = connection.prepareStatement(statement)) {
                    delete.setInt(1, id);
                    delete.executeUpdate();
                }
            }
            return id;
        });
    }
}
