package org.kiln.personalisation.order;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.profile.CardProfile;

/**
 * An order as the book holds it.
 *
 * @param id Kiln's number for it
 * @param profile the version it was ordered with
 * @param profileVersion which that is
 * @param numbers its first numbers
 * @param requestedBy who asked for it
 * @param changed when its state last changed
 * @param approveUntil what is not approved by then is not approved; null of one that a release without such a limit entered
 */
public record Order(
        String id,
        CardOrder request,
        CardProfile profile,
        int profileVersion,
        OrderState state,
        FirstNumbers numbers,
        Instant created,
        String requestedBy,
        Instant changed,
        @Nullable Instant approveUntil) {

    /**
     * The first of each number of an order, without check digits; empty where it has none, or none yet.
     *
     * @param luhn whether ICCIDs end in a Luhn digit
     */
    public record FirstNumbers(String iccid, String imsi, String msisdn, String eid, boolean luhn) {}
}
