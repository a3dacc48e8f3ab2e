package org.kiln.personalisation.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.access.Caller;
import org.kiln.kms.access.Role;
import org.kiln.personalisation.order.Delivery;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderState;

/**
 * An order as a caller sees it.
 *
 * @param made cards made so far; of a vendor's batch, all or none
 * @param firstIccid without check digit; null until it is approved
 * @param approveUntil while it waits: what is not approved by then is not approved
 * @param files those that the caller may know of: a vendor his own
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record OrderView(
        String id,
        String idempotencyKey,
        String vendor,
        String operator,
        String profile,
        int profileVersion,
        String state,
        int quantity,
        int made,
        @Nullable String dueDate,
        @Nullable String firstIccid,
        @Nullable String firstImsi,
        Instant created,
        String requestedBy,
        Instant changed,
        @Nullable Instant approveUntil,
        List<FileView> files) {

    /** @param manifestSha256 what an acknowledgement names */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record FileView(
            String orderId,
            String partner,
            String share,
            String state,
            @Nullable String sha256,
            @Nullable String manifestSha256,
            Instant changed) {

        static FileView of(Delivery delivery) {
            return new FileView(
                    delivery.orderId(),
                    delivery.partner(),
                    delivery.plan().share().name(),
                    delivery.state().name(),
                    delivery.sha256(),
                    delivery.manifestSha256(),
                    delivery.changed());
        }
    }

    static OrderView of(Order order, int made, List<Delivery> deliveries, Caller caller) {
        boolean ofTheOperator = caller.role() == Role.OPERATOR || caller.role() == Role.AUDITOR;
        return new OrderView(
                order.id(),
                order.request().idempotencyKey(),
                order.request().vendor(),
                order.request().operator(),
                order.request().profile(),
                order.profileVersion(),
                order.state().name(),
                order.request().quantity(),
                order.state() == OrderState.AWAITED ? 0 : made,
                order.request().dueDate(),
                order.numbers().iccid().isEmpty() ? null : order.numbers().iccid(),
                order.numbers().imsi().isEmpty() ? null : order.numbers().imsi(),
                order.created(),
                order.requestedBy(),
                order.changed(),
                order.state() == OrderState.REQUESTED ? order.approveUntil() : null,
                deliveries.stream()
                        .filter(delivery -> ofTheOperator || caller.isOf(delivery.partner()))
                        .map(FileView::of)
                        .toList());
    }
}
