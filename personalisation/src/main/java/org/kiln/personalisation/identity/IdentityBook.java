package org.kiln.personalisation.identity;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.personalisation.journal.Journal;
import org.kiln.personalisation.journal.JournalEntry;
import org.kiln.personalisation.numbering.NumberBlocks;
import org.kiln.personalisation.profile.ProfileBook;
import org.kiln.transfer.numbering.Supi;

/** All identities and what happened to each. Every step is on disk before anybody is told of it. */
public final class IdentityBook {

    private final Database database;
    private final IdentityTable table;
    private final SubscriberStore subscribers;
    private final ProfileBook profiles;
    private final InstantSource clock;

    public IdentityBook(
            Database database, RecordMac mac, SubscriberStore subscribers, ProfileBook profiles, InstantSource clock) {
        this.database = database;
        this.subscribers = subscribers;
        this.profiles = profiles;
        this.clock = clock;
        table = new IdentityTable(mac);
    }

    Database database() {
        return database;
    }

    IdentityTable table() {
        return table;
    }

    SubscriberStore subscribers() {
        return subscribers;
    }

    ProfileBook profiles() {
        return profiles;
    }

    /** Whether the network serves a subscriber. */
    boolean isServed(Supi supi) {
        return subscribers
                .find(supi)
                .filter(found -> found.status() == SubscriberStatus.ACTIVE)
                .isPresent();
    }

    Instant now() {
        return clock.instant();
    }

    public Optional<DeviceIdentity> find(String id) {
        return database.read(connection -> table.find(connection, id));
    }

    /**
     * The newest first.
     *
     * @param broker whose; null for all
     */
    public List<DeviceIdentity> page(@Nullable String broker, int limit) {
        return database.read(connection -> table.page(connection, broker, limit));
    }

    public List<JournalEntry> events(String id) {
        return database.read(connection -> IdentityTable.JOURNAL.of(connection, id));
    }

    /** Ids only, so that one damaged row does not keep the others from being looked at. */
    List<String> inState(IdentityState state) {
        return database.read(connection -> IdentityTable.inState(connection, state));
    }

    /** @throws IdentityException if there is none */
    DeviceIdentity require(Connection connection, String id) throws SQLException {
        return table.find(connection, id).orElseThrow(IdentityBook::unknown);
    }

    /** What is answered about an identity that there is not, or that the caller must not see. */
    public static IdentityException unknown() {
        return new IdentityException(Refusal.IDENTITY_NOT_FOUND, "there is no such identity");
    }

    /** Enters what a device has asked for, within the caller's transaction. */
    DeviceIdentity enter(Connection connection, String id, Issue issue, Instant confirmBy) throws SQLException {
        DeviceIdentity identity =
                new DeviceIdentity(id, issue, IdentityState.REQUESTED, confirmBy, "", issue.created());
        table.insert(connection, identity);
        IdentityTable.JOURNAL.add(
                connection,
                id,
                issue.created(),
                issue.requestedBy(),
                IdentityState.REQUESTED.name(),
                "profile " + issue.profileName() + (issue.replaces() == null ? "" : ", in the place of another"));
        return identity;
    }

    /**
     * Moves an identity on, within the caller's transaction.
     *
     * @throws IdentityException if it does not go that way from where it is
     */
    DeviceIdentity move(
            Connection connection,
            DeviceIdentity identity,
            IdentityState next,
            @Nullable Instant deadline,
            String actor,
            String detail)
            throws SQLException {
        return move(connection, identity, next, deadline, identity.packageSha256(), actor, detail);
    }

    /** Moves an identity whose credential is made to {@link IdentityState#ISSUED}. */
    DeviceIdentity issued(
            Connection connection,
            DeviceIdentity identity,
            SealedPackage sealed,
            Map<String, WrappedKey> retained,
            String detail)
            throws SQLException {
        StorageKeyRegister.requireLive(
                connection, retained.values().stream().map(WrappedKey::keyLabel).collect(Collectors.toSet()));
        table.setPackage(connection, identity.id(), sealed);
        table.setRetained(connection, identity.id(), retained);
        return move(
                connection, identity, IdentityState.ISSUED, identity.deadline(), sealed.sha256(), Journal.KILN, detail);
    }

    private DeviceIdentity move(
            Connection connection,
            DeviceIdentity identity,
            IdentityState next,
            @Nullable Instant deadline,
            String packageSha256,
            String actor,
            String detail)
            throws SQLException {
        if (!identity.state().mayBecome(next)) {
            throw new IdentityException(
                    Refusal.IDENTITY_STATE,
                    "the identity is " + identity.state() + " and cannot become " + next + " from there");
        }
        DeviceIdentity moved =
                new DeviceIdentity(identity.id(), identity.issue(), next, deadline, packageSha256, now());
        table.update(connection, moved);
        IdentityTable.JOURNAL.add(connection, identity.id(), moved.changed(), actor, next.name(), detail);
        return moved;
    }

    /**
     * Gives up an identity that the device has not confirmed, within the caller's transaction: package, keys and
     * subscriber are destroyed, numbers quarantined. No network has served it.
     *
     * @param next {@link IdentityState#EXPIRED} or {@link IdentityState#REVOKED}
     */
    DeviceIdentity giveUp(Connection connection, DeviceIdentity identity, IdentityState next, String actor, String why)
            throws SQLException {
        DeviceIdentity moved = move(connection, identity, next, null, actor, why);
        table.setPackage(connection, identity.id(), null);
        table.setRetained(connection, identity.id(), Map.of());
        subscribers.delete(connection, Set.of(identity.issue().supi()));
        NumberBlocks.quarantine(connection, identity.id(), why);
        return moved;
    }
}
