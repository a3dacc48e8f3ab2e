package org.kiln.kms.server;

import io.micrometer.core.instrument.MeterRegistry;
import org.kiln.kms.auc.AucSettings;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.provisioning.SubscriberImport;
import org.kiln.kms.provisioning.TransportKeyRegister;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.token.TokenProfile;

/** What a node is made of, opened in order and closed in reverse: token, keys, database, store. */
public final class AucNode implements AutoCloseable {

    private final KilnConfiguration configuration;
    private final TokenConnection connection;
    private final TokenCluster tokens;
    private final KeyRing ring = new KeyRing();
    private final StorageKeys storageKeys;
    private final RecordMac recordMac;
    private final Database database;
    private final SubscriberStore subscribers;
    private final TransportKeyRegister transportKeys;

    private AucNode(
            DataFolder folder, KilnConfiguration configuration, TokenConnection connection, TokenCluster tokens) {
        this.configuration = configuration;
        this.connection = connection;
        this.tokens = tokens;
        storageKeys = new StorageKeys(ring, tokens.profile());
        recordMac = tokens.call(session -> RecordMac.derive(session, ring));
        database = Database.open(folder.database());
        database.migrate("auc");
        subscribers = new SubscriberStore(database, recordMac);
        transportKeys = new TransportKeyRegister(database, recordMac);
    }

    /** Opens the node of a prepared folder. */
    public static AucNode open(DataFolder folder, KilnConfiguration configuration) {
        TokenConnection connection = TokenConnection.load(folder, configuration.hsm());
        TokenCluster tokens = connection.open(new Admission(connection.profile()));
        try {
            return new AucNode(folder, configuration, connection, tokens);
        } catch (RuntimeException e) {
            tokens.close();
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
        KilnConfiguration.Auc auc = configuration.auc();
        return new AuthenticationCentre(
                tokens,
                storageKeys,
                subscribers,
                new AucSettings(auc.node(), auc.activeSubscribers(), engines(laboratory), meters));
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

    @Override
    public void close() {
        database.close();
        recordMac.close();
        tokens.close();
    }
}
