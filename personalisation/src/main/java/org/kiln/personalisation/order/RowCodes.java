package org.kiln.personalisation.order;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.store.Database;
import org.kiln.personalisation.journal.Journal;
import org.kiln.personalisation.numbering.NumberRanges;
import org.kiln.personalisation.partner.PartnerRegister;
import org.kiln.personalisation.profile.ProfileBook;

/**
 * Gives rows that earlier releases wrote their codes: once for a store, which its audit log tells. A row without a code is from then on
 * one that Kiln did not write.
 */
public final class RowCodes {

    private static final String ENTERED = "ROW_CODES_ENTERED";

    private final Database database;
    private final ProfileBook profiles;
    private final OrderBook orders;
    private final PartnerRegister partners;
    private final NumberRanges ranges;
    private final InstantSource clock;

    public RowCodes(
            Database database,
            ProfileBook profiles,
            OrderBook orders,
            PartnerRegister partners,
            NumberRanges ranges,
            InstantSource clock) {
        this.database = database;
        this.profiles = profiles;
        this.orders = orders;
        this.partners = partners;
        this.ranges = ranges;
        this.clock = clock;
    }

    /** Enters the codes, unless that was done; what got codes by different releases is told of by itself. */
    public void enterOnce() {
        enterOnce(
                "personalisation",
                connection -> profiles.enterCodes(connection) + " versions of profiles and "
                        + orders.enterCodes(connection) + " orders");
        enterOnce(
                "personalisation/partners-and-ranges",
                connection -> partners.enterCodes(connection) + " partners and " + ranges.enterCodes(connection)
                        + " number ranges");
    }

    @FunctionalInterface
    private interface Entering {
        String enter(Connection connection) throws SQLException;
    }

    private void enterOnce(String rows, Entering entering) {
        if (database.read(connection -> AuditLog.tells(connection, ENTERED, rows))) {
            return;
        }
        database.write(connection -> {
            String entered = entering.enter(connection);
            AuditLog.add(connection, clock.instant(), Journal.KILN, ENTERED, rows, entered + " of an earlier release");
            return entered;
        });
    }
}
