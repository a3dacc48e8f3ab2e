package org.kiln.kms.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.kiln.kms.copy.StoreCopy;
import org.kiln.kms.copy.TableDigest;
import org.kiln.kms.copy.Tables;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.SoleRight;
import org.kiln.kms.store.StoreLocation;

/**
 * Moves the store of a data folder from its own SQLite file to PostgreSQL. Nothing else has the file open meanwhile, but
 * a copy may be made ahead while a node serves from it, of which the move then writes what has changed. The move is made when {@code kiln.yaml} names the new database, which is one step; broken off before it, or after, it can be run again.
 */
public final class StoreMove {

    private final DataFolder folder;
    private final KilnConfiguration.Store to;
    private final List<String> rooms;

    /** @param rooms whose tables make up the store */
    public StoreMove(DataFolder folder, KilnConfiguration.Store to, List<String> rooms) {
        this.folder = folder;
        this.to = to;
        this.rooms = List.copyOf(rooms);
    }

    /** Told how far a move is. */
    @FunctionalInterface
    public interface Watcher {

        /** @param rows copied, of {@code total} */
        void copied(long rows, long total);
    }

    /**
     * What was moved or copied.
     *
     * @param tables what the new database holds
     * @param written rows that were written now; fewer than there are where a copy had been made ahead
     */
    public record Moved(List<TableDigest> tables, long written) {

        public Moved {
            tables = List.copyOf(tables);
        }
    }

    /**
     * Copies the store as it is at this instant, beside a node that serves from it: so that little is left to be written when it
     * moves. May be run again, and writes what has changed since.
     *
     * @param watcher told how far it is
     * @throws ConfigurationException as {@link #run}, save that somebody may serve from the folder
     */
    public Moved ahead(Watcher watcher) {
        if (requireOwnFile().store().isPresent()) {
            throw new ConfigurationException(
                    folder.configuration() + " names the new database already: complete the move without --ahead");
        }
        try (Database source = Database.open(new StoreLocation.Sqlite(folder.database()));
                Database target = Database.open(to.location(folder));
                SoleRight _ = alone(target)) {
            migrate(source, target);
            String id = AheadMark.ensure(folder);
            return source.scan(from -> switch (state(target, Optional.of(id))) {
                case NEW, AHEAD -> load(from, target, watcher, connection -> AheadMark.put(connection, id));
                case IN_USE -> throw notNew(target, "it is no copy that was made ahead of this store");
            });
        }
    }

    /**
     * Moves it.
     *
     * @param watcher told how far it is
     * @return what was moved
     * @throws ConfigurationException if the folder's store is not its own file, if somebody serves from it, or if the new
     *     database holds something else
     */
    public Moved run(Watcher watcher) {
        KilnConfiguration configuration = requireOwnFile();
        try (ServerLock _ = ServerLock.take(folder);
                ServerLock _ = ServerLock.takeStorageKeys(folder)) {
            Moved moved;
            try (Database source = Database.openAlone(new StoreLocation.Sqlite(folder.database()));
                    Database target = Database.open(to.location(folder));
                    SoleRight _ = alone(target)) {
                migrate(source, target);
                Optional<String> id = AheadMark.find(folder);
                moved = source.scan(from -> switch (state(target, id)) {
                    case NEW, AHEAD -> load(from, target, watcher, AheadMark::remove);
                    case IN_USE -> requireSame(Tables.of(from).digests(from), target);
                });
            }
            if (configuration.store().isEmpty()) {
                configure();
            }
            setAside();
            return moved;
        }
    }

    private KilnConfiguration requireOwnFile() {
        KilnConfiguration configuration = KilnConfiguration.read(folder.configuration());
        if (configuration.store().isPresent() && !configuration.store().equals(Optional.of(to))) {
            throw new ConfigurationException("the store of " + folder.root() + " is "
                    + configuration.storeLocation(folder).name() + " already; only a folder's own file is moved");
        }
        if (!Files.exists(folder.database())) {
            throw new ConfigurationException(folder.database() + " is not there: nothing to move");
        }
        return configuration;
    }

    private static SoleRight alone(Database target) {
        return target.soleRight("store-move")
                .orElseThrow(() -> new ConfigurationException("another 'kiln store migrate' writes to "
                        + target.location().name() + "; wait until it is done"));
    }

    private void migrate(Database source, Database target) {
        rooms.forEach(source::migrate);
        rooms.forEach(target::migrate);
    }

    /** What the new database is when a move begins. */
    private enum State {
        NEW,
        /** It holds a copy made ahead of this store. */
        AHEAD,
        IN_USE
    }

    private static State state(Database target, Optional<String> id) {
        Optional<String> mark = target.read(AheadMark::read);
        if (mark.isPresent() && !mark.equals(id)) {
            throw notNew(target, "it holds a copy made ahead of another store");
        }
        if (mark.isPresent()) {
            return State.AHEAD;
        }
        return target.scan(connection -> Tables.of(connection).areNew(connection)) ? State.NEW : State.IN_USE;
    }

    private static ConfigurationException notNew(Database target, String why) {
        return new ConfigurationException("the database " + target.location().name()
                + " is not new, and does not hold what is to be moved (" + why + "): name an empty one");
    }

    /** What becomes of the mark, in the transaction that copies. */
    @FunctionalInterface
    private interface Marking {
        void on(Connection connection) throws SQLException;
    }

    private static Moved load(Connection from, Database target, Watcher watcher, Marking marking) throws SQLException {
        long total = Tables.of(from).count(from);
        return target.load(to -> {
            StoreCopy.Update update = AheadMark.read(to).isPresent()
                    ? StoreCopy.update(from, to, rows -> watcher.copied(rows, total))
                    : all(StoreCopy.run(from, to, rows -> watcher.copied(rows, total)));
            marking.on(to);
            return new Moved(update.tables(), update.written());
        });
    }

    private static StoreCopy.Update all(List<TableDigest> tables) {
        return new StoreCopy.Update(
                tables, tables.stream().mapToLong(TableDigest::rows).sum());
    }

    /** An earlier run may have got as far as this. */
    private static Moved requireSame(List<TableDigest> digests, Database target) {
        List<TableDigest> there =
                target.scan(connection -> Tables.of(connection).digests(connection));
        if (!there.equals(digests)) {
            throw notNew(target, StoreCopy.difference(digests, there));
        }
        return new Moved(digests, 0);
    }

    private void configure() {
        Path file = folder.configuration();
        Path next = file.resolveSibling(file.getFileName() + ".next");
        try {
            Files.copy(file, next, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
            Files.writeString(
                    next,
                    """

                    # PostgreSQL in the place of the folder's own database; written by 'kiln store migrate'.
                    store:
                      url: "%s"
                      user: "%s"
                      passwordFile: "%s"
                      connections: %d
                    """.formatted(to.url(), to.user(), to.passwordFile(), to.connections()),
                    StandardOpenOption.APPEND);
            KilnConfiguration.read(next);
            try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** So that nobody serves from the old file by mistake, and hands sequence numbers out a second time. */
    private void setAside() {
        try {
            Files.move(folder.database(), moved(), StandardCopyOption.ATOMIC_MOVE);
            Files.deleteIfExists(folder.aheadMark());
            for (String suffix : List.of("-wal", "-shm", ".seal", ".lock")) {
                Files.deleteIfExists(folder.root().resolve(folder.database().getFileName() + suffix));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the old file is after the move. */
    public Path moved() {
        return folder.database().resolveSibling(folder.database().getFileName() + ".moved");
    }
}
