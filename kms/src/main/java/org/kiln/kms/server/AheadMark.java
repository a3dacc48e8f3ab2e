package org.kiln.kms.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.UUID;
import org.kiln.kms.store.Database;

/**
 * That a database holds a copy which was made ahead of a move, of a store that is still served from: whose it is, by a random id
 * that stands in the database and in a file beside the store. Nobody serves from a database so marked, for the sequence numbers
 * in it are old.
 */
public final class AheadMark {

    /** Its name keeps it out of digests and copies. */
    private static final String TABLE = "migration_ahead";

    /** What to do about a marked database. */
    public static final String REMEDY = "stop the node that serves from the SQLite file and complete the move with"
            + " 'kiln store migrate', without --ahead and with the same --to";

    private AheadMark() {}

    /** The id of the file beside the store, if a copy was ever made ahead. */
    static Optional<String> find(DataFolder folder) {
        try {
            return Optional.of(Files.readString(folder.aheadMark()).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Likewise, made if there is none. */
    static String ensure(DataFolder folder) {
        return find(folder).orElseGet(() -> makeFor(folder.aheadMark()));
    }

    private static String makeFor(Path file) {
        String id = UUID.randomUUID().toString();
        Path next = file.resolveSibling(file.getFileName() + ".next");
        try {
            Files.writeString(
                    next,
                    id + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.SYNC);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            return id;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The id in the database that the connection is to, if it is marked. */
    static Optional<String> read(Connection connection) throws SQLException {
        try (ResultSet tables =
                connection.getMetaData().getTables(null, connection.getSchema(), TABLE, new String[] {"TABLE"})) {
            if (!tables.next()) {
                return Optional.empty();
            }
        }
        try (Statement select = connection.createStatement();
                ResultSet row = select.executeQuery("select id from " + TABLE)) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        }
    }

    static void put(Connection connection, String id) throws SQLException {
        try (Statement create = connection.createStatement()) {
            create.execute("create table if not exists " + TABLE + " (id text not null primary key)");
        }
        try (PreparedStatement insert =
                connection.prepareStatement("insert into " + TABLE + " (id) values (?) on conflict do nothing")) {
            insert.setString(1, id);
            insert.executeUpdate();
        }
    }

    static void remove(Connection connection) throws SQLException {
        try (Statement drop = connection.createStatement()) {
            drop.execute("drop table if exists " + TABLE);
        }
    }

    /** Whether the database holds a copy made ahead, which nothing works on before it is completed; changes nothing. */
    public static boolean isOn(Database database) {
        return database.read(AheadMark::read).isPresent();
    }

    /** What is wrong with a marked database, in words. */
    public static String meaning(Database database) {
        return "the database " + database.location().name()
                + " holds a copy made ahead of a move, in which sequence numbers are old";
    }

    /** @throws ConfigurationException if the database {@link #isOn is marked} */
    public static void refuse(Database database) {
        if (isOn(database)) {
            throw new ConfigurationException(meaning(database) + ": " + REMEDY);
        }
    }
}
