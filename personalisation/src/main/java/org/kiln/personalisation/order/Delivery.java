package org.kiln.personalisation.order;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A file of an order.
 *
 * @param sha256 of the file, once it is written
 * @param manifestSha256 of the content inside its envelope, which an acknowledgement names
 * @param acknowledged when its recipient signed that he has it
 */
public record Delivery(
        String orderId,
        DeliveryPlan plan,
        State state,
        @Nullable String sha256,
        @Nullable String manifestSha256,
        @Nullable Instant acknowledged,
        Instant changed) {

    /** What became of it. */
    public enum State {
        /** Its lines are being made. */
        PLANNED,
        /** It can be fetched. */
        READY,
        /** It was fetched as a whole, at least once. */
        FETCHED,
        /** File and lines are gone. */
        DESTROYED
    }

    /** The partner's name. */
    public String partner() {
        return plan.partner().name();
    }
}
