package org.kiln.kms.audit;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.kiln.kms.audit.AuditSigner.Pair;
import org.kiln.kms.store.Database;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the token sign the log as it is. Several nodes may do so; what they sign agrees. The first time it reads the whole log, and
 * then only what was added.
 */
public final class AuditSeal {

    private static final Logger LOG = LoggerFactory.getLogger(AuditSeal.class);

    private final Database database;
    private final AuditSigner signer;
    private LogHead head = LogHead.START;

    public AuditSeal(Database database, AuditSigner signer) {
        this.database = database;
        this.signer = signer;
    }

    /**
     * Makes a checkpoint of all entries there are.
     *
     * @return empty if the last checkpoint covers them
     * @throws AuditException if the log in the store does not hang together, or the token does not sign
     */
    public synchronized Optional<Checkpoint> seal(Instant now) {
        head = database.scan(head::advanced);
        long key = currentKey();
        if (head.count() == 0 || database.read(connection -> sealed(connection, head.count()))) {
            return Optional.empty();
        }
        String signature = sign(signer.key(key), Checkpoint.signed(head.count(), head.root(), now));
        Checkpoint made = new Checkpoint(head.count(), head.root(), now, signature);
        if (!database.write(connection -> AuditKeys.current(connection) == key && insert(connection, made))) {
            return Optional.empty();
        }
        LOG.info("the audit log is sealed up to entry {}", made.count());
        return Optional.of(made);
    }

    /** What is done in the transaction of a change, such as using up the leave for it. */
    @FunctionalInterface
    public interface Within {
        void run(Connection connection) throws SQLException;
    }

    /** The number of the key that signs now. */
    public long currentKey() {
        return database.read(AuditKeys::current);
    }

    /** Whether the key that signs now was put in another's place and has signed nothing yet: a change that was broken off. */
    public boolean isChangeUnderWay() {
        return database.read(connection -> {
            List<AuditKey> keys = AuditKeys.list(connection);
            List<Checkpoint> made = checkpoints(connection);
            return !keys.isEmpty()
                    && (made.isEmpty()
                            || made.getLast().count() < keys.getLast().count());
        });
    }

    /**
     * Puts the next key, which the signer has, in the place of the one that signs now: the old one signs the log up to the entry
     * of the change, naming the new one, and signs no more. All in one transaction; {@link #seal} then has the new one sign.
     *
     * @param number the next key's
     * @param oldIsLost the new key names itself, and nothing before proves it
     * @throws AuditException if another key than the next is meant, the log does not hang together, or the token does not sign
     */
    public synchronized AuditKey change(Instant now, String actor, long number, boolean oldIsLost, Within within) {
        head = database.scan(head::advanced);
        Pair next = signer.key(number);
        Pair by = oldIsLost ? next : signer.key(number - 1);
        AuditKey made = database.write(connection -> {
            if (AuditKeys.current(connection) + 1 != number) {
                throw new AuditException(
                        "the audit log's key was changed by somebody else meanwhile; see 'kiln audit export'");
            }
            within.run(connection);
            AuditLog.add(
                    connection,
                    now,
                    actor,
                    "AUDIT_KEY_CHANGED",
                    "audit-key/" + number,
                    (oldIsLost ? "the key before is lost; public key " : "public key ")
                            + fingerprint(next.publicKey()));
            LogHead last = head.advanced(connection);
            String publicKey = AuditKey.encoded(next.publicKey());
            String signed = AuditKey.encoded(by.publicKey());
            String signature = sign(by, AuditKey.signed(number, last.count(), last.root(), now, publicKey, signed));
            AuditKey change = new AuditKey(number, last.count(), last.root(), now, publicKey, signed, signature);
            AuditKeys.insert(connection, change);
            return change;
        });
        LOG.info("the audit log is signed by key {} after entry {}", number, made.count());
        return made;
    }

    /** SHA-256 of a SubjectPublicKeyInfo, in hexadecimal. */
    public static String fingerprint(PublicKey key) {
        return HexFormat.of().formatHex(MerkleTree.sha256(key.getEncoded()));
    }

    private static String sign(Pair by, byte[] octets) {
        try {
            Signature signing = Signature.getInstance(Checkpoint.ALGORITHM, by.provider());
            signing.initSign(by.privateKey());
            signing.update(octets);
            return HexFormat.of().formatHex(signing.sign());
        } catch (GeneralSecurityException e) {
            throw new AuditException("the token does not sign a checkpoint of the audit log: " + e.getMessage(), e);
        }
    }

    private static boolean sealed(Connection connection, long count) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select 1 from audit_checkpoint where count = ?")) {
            select.setLong(1, count);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private static boolean insert(Connection connection, Checkpoint made) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into audit_checkpoint"
                + " (count, root, at, signature) values (?, ?, ?, ?) on conflict (count) do nothing")) {
            insert.setLong(1, made.count());
            insert.setString(2, made.root());
            insert.setString(3, made.at().toString());
            insert.setString(4, made.signature());
            return insert.executeUpdate() == 1;
        }
    }

    /** All checkpoints, in their order. */
    static List<Checkpoint> checkpoints(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "select count, root, at, signature from audit_checkpoint order by count");
                ResultSet row = select.executeQuery()) {
            List<Checkpoint> all = new ArrayList<>();
            while (row.next()) {
                all.add(new Checkpoint(
                        row.getLong(1), row.getString(2), Instant.parse(row.getString(3)), row.getString(4)));
            }
            return all;
        }
    }
}
