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
import org.kiln.kms.store.StoreLocation;

/**
 * Moves the store of a data folder from its own SQLite file to PostgreSQL. Nothing else has the file open meanwhile. The move is
 * made when {@code kiln.yaml} names the new database, which is one step; broken off before it, or after, it can be run again.
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
     * Moves it.
     *
     * @param watcher told how far it is
     * @return what was moved
     * @throws ConfigurationException if the folder's store is not its own file, if somebody serves from it, or if the new
     *     database holds something else
     */
    public List<TableDigest> run(Watcher watcher) {
        KilnConfiguration configuration = KilnConfiguration.read(folder.configuration());
        if (configuration.store().isPresent() && !configuration.store().equals(Optional.of(to))) {
            throw new ConfigurationException("the store of " + folder.root() + " is "
                    + configuration.storeLocation(folder).name() + " already; only a folder's own file is moved");
        }
        if (!Files.exists(folder.database())) {
            throw new ConfigurationException(folder.database() + " is not there: nothing to move");
        }
        try (ServerLock _ = ServerLock.take(folder);
                ServerLock _ = ServerLock.takeStorageKeys(folder)) {
            List<TableDigest> moved;
            try (Database source = Database.openAlone(new StoreLocation.Sqlite(folder.database()));
                    Database target = Database.open(to.location(folder))) {
                rooms.forEach(source::migrate);
                rooms.forEach(target::migrate);
                moved = source.scan(
                        from -> target.scan(connection -> Tables.of(connection).areNew(connection))
                                ? copy(from, target, watcher)
                                : requireSame(Tables.of(from).digests(from), target));
            }
            if (configuration.store().isEmpty()) {
                configure();
            }
            setAside();
            return moved;
        }
    }

    private static List<TableDigest> copy(Connection from, Database target, Watcher watcher) throws SQLException {
        long total = Tables.of(from).count(from);
        return target.load(to -> StoreCopy.run(from, to, rows -> watcher.copied(rows, total)));
    }

    /** An earlier run may have got as far as this. */
    private static List<TableDigest> requireSame(List<TableDigest> digests, Database target) {
        List<TableDigest> there =
                target.scan(connection -> Tables.of(connection).digests(connection));
        if (!there.equals(digests)) {
            throw new ConfigurationException("the database " + target.location().name()
                    + " is not new, and does not hold what is to be moved ("
                    + StoreCopy.difference(digests, there) + "): name an empty one");
        }
        return digests;
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
