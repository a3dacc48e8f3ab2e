package org.kiln.kms.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections whose statements stay prepared, for a driver that prepares each anew. There come to be as many as ask at one
 * time; a connection on which a statement failed is not used again.
 */
final class KeptStatements implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KeptStatements.class);

    private final DataSource source;
    private final ConcurrentLinkedDeque<Kept> idle = new ConcurrentLinkedDeque<>();

    KeptStatements(DataSource source) {
        this.source = source;
    }

    private record Kept(Connection connection, Map<String, PreparedStatement> statements) {

        PreparedStatement prepared(String sql) throws SQLException {
            PreparedStatement known = statements.get(sql);
            if (known == null) {
                known = connection.prepareStatement(sql);
                statements.put(sql, known);
            }
            return known;
        }
    }

    <T> T query(String sql, Database.Query<T> query) throws SQLException {
        Kept last = idle.pollFirst();
        Kept kept = last == null ? new Kept(source.getConnection(), new HashMap<>()) : last;
        boolean well = false;
        try {
            T answer = query.on(kept.prepared(sql));
            well = true;
            return answer;
        } finally {
            if (well) {
                idle.addFirst(kept);
            } else {
                close(kept);
            }
        }
    }

    /** Closes those that nobody uses; who queries must have ended. */
    @Override
    public void close() {
        for (Kept kept = idle.pollFirst(); kept != null; kept = idle.pollFirst()) {
            close(kept);
        }
    }

    private static void close(Kept kept) {
        try {
            kept.connection.close();
        } catch (SQLException e) {
            LOG.debug("a connection does not close: {}", e.getMessage());
        }
    }
}
