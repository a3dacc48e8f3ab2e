package org.kiln.kms.audit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;

/**
 * How far the log was read and found to hang together: the last entry's hash, and the Merkle tree over all until there. Does not
 * change; the next is made of it and of the entries since.
 */
final class LogHead {

    /** Nothing was read yet. */
    static final LogHead START = new LogHead(new MerkleTree(), AuditEntry.BEFORE_ALL);

    private final MerkleTree tree;
    private final String last;

    private LogHead(MerkleTree tree, String last) {
        this.tree = tree;
        this.last = last;
    }

    long count() {
        return tree.leaves();
    }

    String root() {
        return tree.root();
    }

    /**
     * Reads what was added since.
     *
     * @throws AuditException if the log in the store does not go on from here
     */
    LogHead advanced(Connection connection) throws SQLException {
        if (count() > 0 && !last.equals(hash(connection, count()))) {
            throw changed(count());
        }
        MerkleTree longer = new MerkleTree(tree);
        String[] hash = {last};
        AuditLog.read(connection, count(), (entry, stored) -> {
            if (entry.number() != longer.leaves() + 1 || !entry.hash(hash[0]).equals(stored)) {
                throw changed(entry.number());
            }
            hash[0] = stored;
            longer.add(HexFormat.of().parseHex(stored));
        });
        return new LogHead(longer, hash[0]);
    }

    private static String hash(Connection connection, long number) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select hash from audit_entry where number = ?")) {
            select.setLong(1, number);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getString(1) : "";
            }
        }
    }

    private static AuditException changed(long number) {
        return new AuditException("entry " + number
                + " of the audit log in the store was changed, or one before it is gone: it is not sealed; export"
                + " it and see 'kiln audit verify'");
    }
}
