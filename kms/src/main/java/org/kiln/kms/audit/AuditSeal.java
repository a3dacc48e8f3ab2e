package org.kiln.kms.audit;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Provider;
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
import org.kiln.kms.store.Database;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the token sign the log as it is. Several nodes may do so; what they sign agrees. */
public final class AuditSeal {

    private static final Logger LOG = LoggerFactory.getLogger(AuditSeal.class);

    private final Database database;
    private final PrivateKey key;
    private final Provider provider;

    /** @param provider runs the token's {@code key} */
    public AuditSeal(Database database, PrivateKey key, Provider provider) {
        this.database = database;
        this.key = key;
        this.provider = provider;
    }

    /**
     * Makes a checkpoint of all entries there are.
     *
     * @return empty if the last checkpoint covers them
     * @throws AuditException if the log in the store does not hang together, or the token does not sign
     */
    public Optional<Checkpoint> seal(Instant now) {
        MerkleTree tree = new MerkleTree();
        String[] last = {AuditEntry.BEFORE_ALL};
        database.scan(connection -> AuditLog.read(connection, 0, (entry, hash) -> {
            if (!entry.hash(last[0]).equals(hash)) {
                throw new AuditException("entry " + entry.number()
                        + " of the audit log in the store was changed, or one before it is gone: it is not sealed; export"
                        + " it and see 'kiln audit verify'");
            }
            last[0] = hash;
            tree.add(HexFormat.of().parseHex(hash));
        }));
        if (tree.leaves() == 0 || database.read(connection -> sealed(connection, tree.leaves()))) {
            return Optional.empty();
        }
        Checkpoint made = new Checkpoint(tree.leaves(), tree.root(), now, sign(tree.leaves(), tree.root(), now));
        database.write(connection -> insert(connection, made));
        LOG.info("the audit log is sealed up to entry {}", made.count());
        return Optional.of(made);
    }

    private String sign(long count, String root, Instant at) {
        try {
            Signature signing = Signature.getInstance(Checkpoint.ALGORITHM, provider);
            signing.initSign(key);
            signing.update(Checkpoint.signed(count, root, at));
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

    private static int insert(Connection connection, Checkpoint made) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into audit_checkpoint"
                + " (count, root, at, signature) values (?, ?, ?, ?) on conflict (count) do nothing")) {
            insert.setLong(1, made.count());
            insert.setString(2, made.root());
            insert.setString(3, made.at().toString());
            insert.setString(4, made.signature());
            return insert.executeUpdate();
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
