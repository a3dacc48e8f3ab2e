package org.kiln.kms.server;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.kiln.kms.auc.AucSettings;
import org.kiln.kms.auc.AuthEvents;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.provisioning.SubscriberExport;
import org.kiln.kms.provisioning.SubscriberImport;
import org.kiln.kms.provisioning.SubscriberIntake;
import org.kiln.kms.provisioning.SubscriberLoads;
import org.kiln.kms.provisioning.SubscriberProvisioning;
import org.kiln.kms.provisioning.TransportKeyRegister;
import org.kiln.kms.rotation.BlobTable;
import org.kiln.kms.rotation.CurrentVersion;
import org.kiln.kms.rotation.OpcKeyTable;
import org.kiln.kms.rotation.StorageKeyRegister;
import org.kiln.kms.seat.LeasedSeats;
import org.kiln.kms.seat.OwnSeat;
import org.kiln.kms.seat.Seats;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.store.Database;
import org.kiln.kms.store.StoreLocation;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.kms.subscriber.StagedSubscribers;
import org.kiln.kms.subscriber.SubscriberBlobs;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.kms.suci.ServingKeys;
import org.kiln.kms.suci.Sidf;
import org.kiln.kms.suci.SuciKeyRegister;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.numbering.Supi;

/** What a node is made of, opened in order and closed in reverse: token, keys, database, store. */
public final class AucNode implements AutoCloseable {

    private final DataFolder folder;
    private final KilnConfiguration configuration;
    private final TokenConnection connection;
    private final TokenCluster tokens;
    private final KeyRing ring = new KeyRing();
    private final StorageKeys storageKeys;
    private final RecordMac recordMac;
    private final Database database;
    private final StorageKeyRegister storageKeyRegister;
    private final CurrentVersion currentVersion;
    private final SubscriberStore subscribers;
    private final TransportKeyRegister transportKeys;
    private final ServingKeys suciKeys;

    private AucNode(
            DataFolder folder,
            KilnConfiguration configuration,
            TokenConnection connection,
            Database database,
            StorageKeyRegister storageKeyRegister) {
        this.folder = folder;
        this.configuration = configuration;
        this.connection = connection;
        this.database = database;
        this.storageKeyRegister = storageKeyRegister;
        tokens = connection.open(new Admission(connection.profile(), storageKeyRegister::live));
        try {
            recordMac = tokens.call(session -> RecordMac.derive(session, ring));
            suciKeys = new ServingKeys(new SuciKeyRegister(database, recordMac));
        } catch (RuntimeException e) {
            tokens.close();
            throw e;
        }
        currentVersion = new CurrentVersion(storageKeyRegister);
        storageKeys = new StorageKeys(
                ring,
                tokens.profile(),
                currentVersion,
                new OpcKeyTable(database),
                configuration.hsm().kek());
        tokens.call(session -> {
            storageKeys.prepare(session);
            return session;
        });
        subscribers = new SubscriberStore(database, recordMac);
        transportKeys = new TransportKeyRegister(database, recordMac);
    }

    /** Opens the node of a prepared folder. */
    public static AucNode open(DataFolder folder, KilnConfiguration configuration) {
        TokenConnection connection = TokenConnection.load(folder, configuration.hsm());
        Database database = Database.open(configuration.storeLocation(folder));
        try {
            AheadMark.refuse(database);
            database.migrate("auc");
            return new AucNode(
                    folder,
                    configuration,
                    connection,
                    database,
                    new StorageKeyRegister(database, InstantSource.system()));
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    public KilnConfiguration configuration() {
        return configuration;
    }

    public TokenConnection connection() {
        return connection;
    }

    public TokenCluster tokens() {
        return tokens;
    }

    public KeyRing ring() {
        return ring;
    }

    public StorageKeys storageKeys() {
        return storageKeys;
    }

    public StorageKeyRegister storageKeyRegister() {
        return storageKeyRegister;
    }

    /** Authenticates rows of this node's database. */
    public RecordMac recordMac() {
        return recordMac;
    }

    /** All tables that hold blobs under storage keys: the node's own and those of the rooms above. */
    public List<BlobTable<?>> blobTables(List<BlobTable<?>> above) {
        return Stream.concat(
                        Stream.<BlobTable<?>>of(new SubscriberBlobs(recordMac), SubscriberBlobs.ofStaged(recordMac)),
                        above.stream())
                .toList();
    }

    /** Enters into the audit log what was done at the terminal and has no transaction of its own. */
    public void audit(String act, String object, String detail) {
        database.write(connection -> {
            AuditLog.add(connection, Instant.now(), AuditLog.atTheTerminal(), act, object, detail);
            return act;
        });
    }

    /** Two people for what needs two. */
    public DualControl dualControl() {
        return new DualControl(folder, configuration, database, recordMac);
    }

    public Database database() {
        return database;
    }

    public SubscriberStore subscribers() {
        return subscribers;
    }

    public TransportKeyRegister transportKeys() {
        return transportKeys;
    }

    /**
     * A new authentication centre on this node; the caller closes it before the node.
     *
     * @param laboratory whether it serves the XOR test algorithm
     * @param meters where it counts vectors
     */
    public AuthenticationCentre authenticationCentre(boolean laboratory, MeterRegistry meters) {
        return authenticationCentre(laboratory, meters, supi -> {});
    }

    /**
     * As {@link #authenticationCentre(boolean, MeterRegistry)}.
     *
     * @param askedOften is told of subscribers who are asked for more often than the configuration allows, and must not wait
     */
    public AuthenticationCentre authenticationCentre(
            boolean laboratory, MeterRegistry meters, Consumer<Supi> askedOften) {
        KilnConfiguration.Auc auc = configuration.auc();
        return new AuthenticationCentre(
                tokens,
                storageKeys,
                subscribers,
                new AucSettings(
                        auc.node(),
                        auc.nodes(),
                        auc.activeSubscribers(),
                        engines(laboratory),
                        meters,
                        configuration.anomalies().subscriberWatch(askedOften)),
                this::seats);
    }

    /** Nodes of one PostgreSQL database lease their numbers there; a folder's own database has the folder's lock. */
    private Seats seats(SeqClock clock) {
        KilnConfiguration.Auc auc = configuration.auc();
        return switch (database.location()) {
            case StoreLocation.Sqlite _ -> new OwnSeat(database, clock, auc.node());
            case StoreLocation.PostgreSql _ ->
                LeasedSeats.take(database, clock, configuration.seatNumbers(), auc.node(), LeasedSeats.USUAL_TERM);
        };
    }

    /** Keeps authentication events in this node's database; the caller closes it before the node. */
    public AuthEvents authEvents() {
        return new AuthEvents(database);
    }

    /** Resolves SUCIs with this node's token. */
    public Sidf sidf() {
        return new Sidf(tokens, ring, suciKeys);
    }

    /**
     * Which engine serves which subscriber on this node.
     *
     * @throws ConfigurationException if the token's profile lacks a mechanism that the configuration relies on
     */
    public EngineChoice engines(boolean laboratory) {
        EngineChoice engines = configuration.auc().engines(laboratory);
        TokenProfile profile = tokens.profile();
        for (String algorithm : engines.vendor()) {
            TokenProfile.Aka aka = profile.aka();
            if (aka == null || !aka.drives(algorithm)) {
                throw new ConfigurationException("auc.vendorMechanisms lists " + algorithm + ", but token profile "
                        + profile.family() + " does not state all of its numbers (aka); use a profile of your own");
            }
        }
        return engines;
    }

    /** @param laboratory whether it takes subscribers of the XOR test algorithm */
    public SubscriberImport subscriberImport(boolean laboratory) {
        engines(laboratory);
        return new SubscriberImport(
                tokens,
                ring,
                storageKeys,
                transportKeys,
                database,
                subscribers,
                configuration.auc().catalogue(laboratory));
    }

    /** Load files on their way in. */
    public SubscriberLoads subscriberLoads() {
        return new SubscriberLoads(database, new StagedSubscribers(subscribers));
    }

    /** Hands subscribers over to other authentication centres. */
    public SubscriberExport subscriberExport() {
        engines(true);
        return new SubscriberExport(
                tokens,
                storageKeys,
                transportKeys,
                subscribers,
                configuration.auc().catalogue(true));
    }

    /** Takes subscribers of batches that others made. */
    public SubscriberIntake subscriberIntake(boolean laboratory) {
        return new SubscriberIntake(
                ring,
                storageKeys,
                transportKeys,
                tokens.profile(),
                configuration.auc().catalogue(laboratory));
    }

    /**
     * Provisions subscribers one at a time; the caller closes it before the centre.
     *
     * @param centre what serves them on this node
     */
    public SubscriberProvisioning provisioning(boolean laboratory, AuthenticationCentre centre) {
        return new SubscriberProvisioning(
                tokens,
                ring,
                storageKeys,
                transportKeys,
                subscribers,
                configuration.auc().catalogue(laboratory),
                centre::withdraw);
    }

    @Override
    public void close() {
        suciKeys.close();
        currentVersion.close();
        database.close();
        recordMac.close();
        tokens.close();
    }
}
