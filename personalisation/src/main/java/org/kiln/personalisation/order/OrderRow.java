package org.kiln.personalisation.order;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.profile.ProfileVersion;

/**
 * An order as its row has it.
 *
 * @param request as JSON
 * @param changed is not under the code: nobody relies on it
 * @param mac its code; null in a row of an earlier release
 */
record OrderRow(
        String id,
        String idempotencyKey,
        String vendor,
        String request,
        String profileName,
        int profileVersion,
        OrderState state,
        Order.FirstNumbers numbers,
        String created,
        String requestedBy,
        String changed,
        @Nullable String expires,
        @Nullable String mac) {

    static final String COLUMNS = "id, idempotency_key, vendor, request, profile_name, profile_version, state,"
            + " first_iccid, first_imsi, first_msisdn, first_eid, luhn, created, requested_by, changed, expires, mac";

    static OrderRow of(ResultSet row) throws SQLException {
        return new OrderRow(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getInt(6),
                OrderState.valueOf(row.getString(7)),
                new Order.FirstNumbers(
                        row.getString(8), row.getString(9), row.getString(10), row.getString(11), row.getBoolean(12)),
                row.getString(13),
                row.getString(14),
                row.getString(15),
                row.getString(16),
                row.getString(17));
    }

    OrderRow moved(OrderState next, Order.FirstNumbers given, Instant at) {
        return new OrderRow(
                id,
                idempotencyKey,
                vendor,
                request,
                profileName,
                profileVersion,
                next,
                given,
                created,
                requestedBy,
                at.toString(),
                expires,
                mac);
    }

    OrderRow expiring(String by) {
        return new OrderRow(
                id,
                idempotencyKey,
                vendor,
                request,
                profileName,
                profileVersion,
                state,
                numbers,
                created,
                requestedBy,
                changed,
                by,
                mac);
    }

    String code(SecondPerson secondPerson) {
        return secondPerson.code(
                "order/1",
                id,
                idempotencyKey,
                vendor,
                request,
                profileName,
                Integer.toString(profileVersion),
                state.name(),
                numbers.iccid(),
                numbers.imsi(),
                numbers.msisdn(),
                numbers.eid(),
                Boolean.toString(numbers.luhn()),
                created,
                requestedBy,
                expires);
    }

    boolean isAuthentic(SecondPerson secondPerson) {
        return code(secondPerson).equals(mac);
    }

    /** @throws OrderException.Damaged unless Kiln wrote it as it is */
    OrderRow authentic(SecondPerson secondPerson) {
        if (!isAuthentic(secondPerson)) {
            throw new OrderException.Damaged(
                    "the row of order " + id + " was changed by somebody else than Kiln: find out by"
                            + " whom before anything is approved; have what is wanted ordered again");
        }
        return this;
    }

    /** Whether nobody approved it in time. */
    boolean isOver(Instant now) {
        return state == OrderState.REQUESTED && expires != null && !now.isBefore(Instant.parse(expires));
    }

    Order read(ProfileVersion profile) {
        return new Order(
                id,
                Documents.readStored(request, CardOrder.class),
                profile.profile(),
                profile.version(),
                state,
                numbers,
                Instant.parse(created),
                requestedBy,
                Instant.parse(changed),
                expires == null ? null : Instant.parse(expires));
    }
}
