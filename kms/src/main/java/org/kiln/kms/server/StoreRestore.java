package org.kiln.kms.server;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongConsumer;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.copy.StoreCopy;
import org.kiln.kms.copy.Tables;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.SqnCeiling;
import org.kiln.kms.store.Database;

/**
 * Restores a backup into a data folder whose token has the keys and whose store is new. Every subscriber's record is checked,
 * and his sequence numbers begin above those that he may have got after the backup was made. All of it is there, or nothing.
 */
public final class StoreRestore {

    private final DataFolder folder;
    private final StoreBackup backup;
    private final List<String> rooms;
    private final Within roomsAbove;
    private final Instant now;

    /** What rooms above do to a store that is restored, in its transaction. */
    @FunctionalInterface
    public interface Within {
        void run(AucNode node, Connection restored) throws SQLException;
    }

    /** @param rooms whose tables make up the store */
    public StoreRestore(DataFolder folder, StoreBackup backup, List<String> rooms, Within roomsAbove, Instant now) {
        this.folder = folder;
        this.roomsAbove = roomsAbove;
        this.backup = backup;
        this.rooms = List.copyOf(rooms);
        this.now = now;
    }

    /**
     * Restores it.
     *
     * @param copied told how many rows are copied so far
     * @param renumbered told how many subscribers are checked so far
     * @return how many subscribers there are
     * @throws ConfigurationException if the token lacks keys, if the folder's store is not new, or if somebody serves from it
     */
    public long run(LongConsumer copied, LongConsumer renumbered) {
        if (!Files.exists(folder.configuration())) {
            throw new ConfigurationException(
                    folder.root() + " holds no kiln.yaml: prepare it, and a token with the keys, with"
                            + " 'kiln storage-key restore' from the backup of the keys");
        }
        KilnConfiguration configuration = KilnConfiguration.read(folder.configuration());
        try (ServerLock _ = ServerLock.take(folder);
                ServerLock _ = ServerLock.takeStorageKeys(folder);
                Database from = backup.open();
                AucNode node = AucNode.open(folder, configuration)) {
            rooms.forEach(from::migrate);
            rooms.forEach(node.database()::migrate);
            requireKeys(node);
            requireNew(node.database());
            from.scan(source -> node.database().load(target -> {
                StoreCopy.run(source, target, copied);
                renumber(node, target, renumbered);
                node.dualControl().approvals().expireAll(target);
                roomsAbove.run(node, target);
                AuditLog.add(
                        target,
                        now,
                        AuditLog.atTheTerminal(),
                        "STORE_RESTORED",
                        folder.root().toString(),
                        "of the backup made " + backup.manifest().made() + ", "
                                + backup.manifest().rows() + " rows");
                return true;
            }));
            return node.subscribers().count();
        }
    }

    private void requireKeys(AucNode node) {
        node.tokens().callEach(session -> {
            for (int version : backup.manifest().storageKeys()) {
                if (!node.storageKeys().holdsVersion(session, version)) {
                    throw new ConfigurationException("the token lacks version " + version
                            + " of the storage keys, under which the backup's keys are wrapped: prepare the folder with"
                            + " 'kiln storage-key restore' from the backup of the keys");
                }
            }
        });
    }

    private void requireNew(Database store) {
        if (!store.scan(connection -> Tables.of(connection).areNew(connection))) {
            throw new ConfigurationException("the store of " + folder.root()
                    + " holds something already; restore into a new folder (kiln storage-key restore)");
        }
    }

    private void renumber(AucNode node, Connection target, LongConsumer renumbered) throws SQLException {
        long clock = SeqClock.systemTenths();
        long then = Math.max(backup.manifest().at().toEpochMilli() / 100, latest(target) - SqnCeiling.LEAD_TENTHS);
        int hours = Math.toIntExact(
                Math.max(0, Duration.between(backup.manifest().at(), now).toHours()) + 1);
        node.subscribers().renumber(target, sqn -> sqn.restored(hours, then, clock), renumbered);
    }

    /** The greatest clock reading that any node may have used. */
    private static long latest(Connection connection) throws SQLException {
        try (Statement select = connection.createStatement();
                ResultSet row = select.executeQuery("select max(tenths) from sqn_ceiling")) {
            row.next();
            return row.getLong(1);
        }
    }
}
