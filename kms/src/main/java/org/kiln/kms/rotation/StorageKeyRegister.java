package org.kiln.kms.rotation;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.kiln.kms.approval.Permit;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.rotation.StorageKeyVersion.State;
import org.kiln.kms.store.Database;

/** The table of storage-key versions. The keys themselves are in the token. */
public final class StorageKeyRegister {

    private final Database database;
    private final InstantSource clock;
    private final Permit permit;

    public StorageKeyRegister(Database database, InstantSource clock) {
        this(database, clock, Permit.NOT_NEEDED);
    }

    private StorageKeyRegister(Database database, InstantSource clock, Permit permit) {
        this.database = database;
        this.clock = clock;
        this.permit = permit;
    }

    /** The same, for one change that uses this leave up. */
    public StorageKeyRegister under(Permit leave) {
        return new StorageKeyRegister(database, clock, leave);
    }

    /** All versions, the oldest first. */
    public List<StorageKeyVersion> list() {
        return database.read(StorageKeyRegister::list);
    }

    private static List<StorageKeyVersion> list(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "select version, state, made, retired, destroyed from storage_key order by version");
                ResultSet rows = select.executeQuery()) {
            List<StorageKeyVersion> versions = new ArrayList<>();
            while (rows.next()) {
                versions.add(new StorageKeyVersion(
                        rows.getInt(1),
                        State.valueOf(rows.getString(2)),
                        rows.getString(3),
                        Optional.ofNullable(rows.getString(4)),
                        Optional.ofNullable(rows.getString(5))));
            }
            return versions;
        }
    }

    /** The version that new blobs are wrapped under. */
    public int current() {
        return current(list());
    }

    private static int current(List<StorageKeyVersion> versions) {
        return versions.stream()
                .filter(version -> version.state() == State.CURRENT)
                .findFirst()
                .orElseThrow(() -> new RotationException(
                        "no version of the storage keys is current; restore the database from its backup"))
                .version();
    }

    /** The version whose blobs are on the move, if there is one. */
    public Optional<Integer> retiring() {
        return list().stream()
                .filter(version -> version.state() == State.RETIRING)
                .map(StorageKeyVersion::version)
                .findFirst();
    }

    /** The versions that the token must hold. */
    public Set<Integer> live() {
        return list().stream()
                .filter(version -> version.state() != State.DESTROYED)
                .map(StorageKeyVersion::version)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Makes a version current, whose keys are in the token, and lets the one before retire.
     *
     * @throws RotationException if it is not the next, or another still retires
     */
    public void promote(int next) {
        database.write(connection -> {
            List<StorageKeyVersion> versions = list(connection);
            int current = current(versions);
            if (next != current + 1 || versions.stream().anyMatch(version -> version.state() == State.RETIRING)) {
                throw new RotationException("another rotation has begun meanwhile; see 'kiln storage-key status'");
            }
            try (PreparedStatement retire = connection.prepareStatement(
                            "update storage_key set state = 'RETIRING', retired = ? where version = ?");
                    PreparedStatement insert = connection.prepareStatement(
                            "insert into storage_key (version, state, made) values (?, 'CURRENT', ?)")) {
                retire.setString(1, now());
                retire.setInt(2, current);
                retire.executeUpdate();
                insert.setInt(1, next);
                insert.setString(2, now());
                insert.executeUpdate();
            }
            permit.use(connection);
            return audited(connection, next, "STORAGE_KEY_CURRENT");
        });
    }

    /**
     * Marks a retiring version as destroyed, in one transaction with the proof that nothing is left under it; from then
     * on nothing can be stored under it.
     *
     * @throws RotationException if something is left, with the counts, or the version does not retire
     */
    public void retireForGood(int version, List<BlobTable<?>> tables) {
        database.write(connection -> {
            State state = list(connection).stream()
                    .filter(known -> known.version() == version)
                    .findFirst()
                    .orElseThrow(() -> new RotationException("there is no version " + version + " of the storage keys"))
                    .state();
            if (state == State.DESTROYED) {
                return version;
            }
            if (state == State.CURRENT) {
                throw new RotationException("version " + version
                        + " is the current one and is not destroyed; run 'kiln storage-key rotate' first");
            }
            requireNothingLeft(connection, version, tables);
            try (PreparedStatement update = connection.prepareStatement(
                    "update storage_key set state = 'DESTROYED', destroyed = ? where version = ?")) {
                update.setString(1, now());
                update.setInt(2, version);
                update.executeUpdate();
            }
            OpcKeyTable.forget(connection, version);
            permit.use(connection);
            return audited(connection, version, "STORAGE_KEY_DESTROYED");
        });
    }

    private int audited(Connection connection, int version, String act) throws SQLException {
        AuditLog.add(connection, clock.instant(), AuditLog.atTheTerminal(), act, "storage-key/" + version, "");
        return version;
    }

    private static void requireNothingLeft(Connection connection, int version, List<BlobTable<?>> tables)
            throws SQLException {
        List<String> left = new ArrayList<>();
        for (BlobTable<?> table : tables) {
            long count = table.left(connection, version);
            if (count > 0) {
                left.add(count + " " + table.name());
            }
        }
        if (!left.isEmpty()) {
            throw new RotationException("version " + version + " is not destroyed: " + String.join(" and ", left)
                    + " are still wrapped under it; run 'kiln storage-key rotate' to move them");
        }
    }

    /**
     * Refuses blobs under keys that are destroyed or unknown, within the transaction that stores them.
     *
     * @param labels of the keys that what is being stored is wrapped under
     * @throws RotationException naming the first such key
     */
    public static void requireLive(Connection connection, Collection<String> labels) throws SQLException {
        Set<String> live = new HashSet<>();
        for (StorageKeyVersion version : list(connection)) {
            if (version.state() != State.DESTROYED) {
                live.add(KeyLabels.storage(version.version()));
                live.add(KeyLabels.hostStorage(version.version()));
                live.add(KeyLabels.opcKey(version.version()));
            }
        }
        for (String label : labels) {
            if (!live.contains(label)) {
                throw new RotationException("nothing can be stored under " + label
                        + ", which has been destroyed meanwhile or is unknown here; run this again");
            }
        }
    }

    /** Enters the versions that a restored token holds into a database that has seen no rotation yet. */
    public void adopt(Collection<Integer> versions) {
        database.write(connection -> {
            try (PreparedStatement clear = connection.prepareStatement("delete from storage_key");
                    PreparedStatement insert = connection.prepareStatement(
                            "insert into storage_key (version, state, made) values (?, ?, ?)")) {
                clear.executeUpdate();
                int newest = versions.stream().max(Integer::compare).orElseThrow();
                for (int version : versions) {
                    insert.setInt(1, version);
                    insert.setString(2, (version == newest ? State.CURRENT : State.RETIRING).name());
                    insert.setString(3, now());
                    insert.executeUpdate();
                }
                return newest;
            }
        });
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
