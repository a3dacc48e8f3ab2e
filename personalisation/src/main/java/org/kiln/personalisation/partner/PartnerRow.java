package org.kiln.personalisation.partner;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.personalisation.document.Documents;

/**
 * A partner as his row has him.
 *
 * @param mac its code; null in a row of an earlier release
 */
record PartnerRow(
        String name,
        String body,
        String changed,
        String changedBy,
        @Nullable String mac) {

    static final String COLUMNS = "name, body, changed, changed_by, mac";

    static PartnerRow of(ResultSet row) throws SQLException {
        return new PartnerRow(row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getString(5));
    }

    String code(SecondPerson secondPerson) {
        return secondPerson.code("partner/1", name, body, changed, changedBy);
    }

    /** @throws PartnerDamagedException unless Kiln wrote it as it is */
    PartnerRow authentic(SecondPerson secondPerson) {
        if (!code(secondPerson).equals(mac)) {
            throw new PartnerDamagedException(name);
        }
        return this;
    }

    Partner read() {
        return Documents.readStored(body, Partner.class);
    }
}
