package org.kiln.personalisation.order;

import java.time.InstantSource;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.store.Database;
import org.kiln.personalisation.journal.Journal;
import org.kiln.personalisation.profile.ProfileBook;

/**
 * Gives rows of profiles and orders that earlier releases wrote their codes: once for a store, which its audit log tells. A row without
 * a code is from then on one that Kiln did not write.
 */
public final class RowCodes {

    private static final String ENTERED = "ROW_CODES_ENTERED";
    private static final String STORE = "personalisation";

    private final Database database;
    private final ProfileBook profiles;
    private final OrderBook orders;
    private final InstantSource clock;

    public RowCodes(Database database, ProfileBook profiles, OrderBook orders, InstantSource clock) {
        this.database = database;
        this.profiles = profiles;
        this.orders = orders;
        this.clock = clock;
    }

    /** Enters the codes, unless that was done. */
    public void enterOnce() {
        if (database.read(connection -> AuditLog.tells(connection, ENTERED, STORE))) {
            return;
        }
        database.write(connection -> {
            int versions = profiles.enterCodes(connection);
            int ordered = orders.enterCodes(connection);
            AuditLog.add(
                    connection,
                    clock.instant(),
                    Journal.KILN,
                    ENTERED,
                    STORE,
                    versions + " versions of profiles and " + ordered + " orders of an earlier release");
            return ordered;
        });
    }
}
