package org.kiln.kms.store;

import java.sql.SQLException;
import java.util.List;

/** What processes that share a database announce on one channel, from when the hearing began. */
interface Hearing extends AutoCloseable {

    /**
     * Waits a moment for what is announced.
     *
     * @return what is new, in the order in which it was committed
     * @throws SQLException if nothing is heard, or if something may have been missed: who listens begins anew
     */
    List<String> next() throws SQLException;

    @Override
    void close() throws SQLException;
}
