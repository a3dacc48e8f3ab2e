package org.kiln.kms.server;

import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.provisioning.SubscriberImport;
import org.kiln.kms.provisioning.TransportKeyRegister;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.SubscriberStore;

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

    /** A new authentication centre on this node; the caller closes it before the node. */
    public AuthenticationCentre authenticationCentre() {
        KilnConfiguration.Auc auc = configuration.auc();
        return new AuthenticationCentre(tokens, storageKeys, subscribers, auc.node(), auc.activeSubscribers());
    }

    public SubscriberImport subscriberImport() {
        return new SubscriberImport(tokens, ring, storageKeys, transportKeys, database, subscribers);
    }

    @Override
    public void close() {
        database.close();
        recordMac.close();
        tokens.close();
    }
}
