package org.kiln.kms.approval;

import java.sql.Connection;
import java.sql.SQLException;

/** Leave to do an act, once. */
@FunctionalInterface
public interface Permit {

    /** For where nobody need approve. */
    Permit NOT_NEEDED = connection -> {};

    /**
     * Uses the leave up, within the transaction of the act: there is neither without the other.
     *
     * @throws ApprovalException if it was used meanwhile
     */
    void use(Connection connection) throws SQLException;
}
