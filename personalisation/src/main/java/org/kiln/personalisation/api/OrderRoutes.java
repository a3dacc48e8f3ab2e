package org.kiln.personalisation.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.access.Caller;
import org.kiln.kms.access.Role;
import org.kiln.kms.api.Cause;
import org.kiln.kms.api.Problem;
import org.kiln.kms.api.ProblemException;
import org.kiln.personalisation.custody.Destruction;
import org.kiln.personalisation.custody.HoldingsReport;
import org.kiln.personalisation.document.Rules;
import org.kiln.personalisation.generation.BatchGeneration;
import org.kiln.personalisation.order.CardOrder;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.DeliveryBook;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderException;

/** {@code /orders}: a vendor asks, a second person of the operator decides, and everybody watches. */
public final class OrderRoutes {

    private static final String ORDERS = "/orders";
    private static final String ORDER = ORDERS + "/:id";
    private static final Set<Role> ASK = Set.of(Role.CARD_VENDOR, Role.OPERATOR);
    private static final Set<Role> LOOK = Set.of(Role.CARD_VENDOR, Role.OPERATOR, Role.AUDITOR);
    private static final Set<Role> DECIDE = Set.of(Role.OPERATOR);
    private static final Set<Role> AUDIT = Set.of(Role.OPERATOR, Role.AUDITOR);

    private final OrderBook orders;
    private final DeliveryBook deliveries;
    private final CardStore cards;
    private final BatchGeneration generation;
    private final Destruction destruction;
    private final HoldingsReport holdings;

    public OrderRoutes(
            OrderBook orders,
            DeliveryBook deliveries,
            CardStore cards,
            BatchGeneration generation,
            Destruction destruction,
            HoldingsReport holdings) {
        this.orders = orders;
        this.deliveries = deliveries;
        this.cards = cards;
        this.generation = generation;
        this.destruction = destruction;
        this.holdings = holdings;
    }

    void mount(Endpoints endpoints) {
        endpoints.send(HttpMethod.POST, ORDERS, ASK, this::enter);
        endpoints.get(ORDERS, LOOK, this::page);
        endpoints.get(ORDER, LOOK, call -> Answer.ok(view(visible(call), call.caller())));
        endpoints.act(ORDER + "/approve", DECIDE, this::approve);
        endpoints.send(HttpMethod.POST, ORDER + "/reject", DECIDE, this::reject);
        endpoints.send(HttpMethod.POST, ORDER + "/cancel", ASK, this::cancel);
        endpoints.act(ORDER + "/retry", DECIDE, this::retry);
        endpoints.act(ORDER + "/close", DECIDE, this::close);
        endpoints.get(
                ORDER + "/events",
                AUDIT,
                call -> Answer.ok(Map.of("items", orders.events(visible(call).id()))));
        endpoints.get(ORDER + "/holdings", AUDIT, call -> Answer.ok(holdings.of(call.path("id"))));
    }

    private Answer enter(Call call) {
        CardOrder request = call.read("the order", CardOrder.class);
        if (call.caller().role() == Role.CARD_VENDOR && !call.caller().isOf(request.vendor())) {
            throw new ProblemException(
                    Problem.of(Cause.ROLE_NEEDED, "vendor '" + request.vendor() + "' is not the one who calls"));
        }
        Order preview = orders.preview(request, call.caller().name());
        generation.requireMakeable(preview, orders.plan(preview));
        Order order = orders.enter(request, call.caller().name());
        return Answer.accepted(Endpoints.PREFIX + ORDERS + "/" + order.id(), view(order, call.caller()));
    }

    private Answer page(Call call) {
        Order before = call.query("after").map(id -> visible(id, call.caller())).orElse(null);
        int limit = call.limit();
        List<Order> found = orders.page(call.caller().partner(), before, limit);
        List<OrderView> items = new ArrayList<>();
        found.forEach(order -> items.add(view(order, call.caller())));
        Map<String, Object> page = new HashMap<>();
        page.put("items", items);
        if (found.size() == limit) {
            page.put("next", found.getLast().id());
        }
        return Answer.ok(page);
    }

    private OrderView view(Order order, Caller caller) {
        return OrderView.of(order, cards.count(order.id()), deliveries.of(order.id()), caller);
    }

    /** The order, unless it is another vendor's: then it is not there. */
    private Order visible(Call call) {
        return visible(call.path("id"), call.caller());
    }

    private Order visible(String id, Caller caller) {
        return orders.find(id)
                .filter(order -> !caller.role().isPartners()
                        || caller.isOf(order.request().vendor()))
                .orElseThrow(() -> new OrderException.Unknown("there is no such order"));
    }

    private Answer approve(Call call) {
        Order waiting = visible(call);
        generation.requireMakeable(waiting, orders.plan(waiting));
        Order approved = orders.approve(waiting.id(), call.caller().name());
        generation.start(approved);
        return Answer.ok(view(approved, call.caller()));
    }

    /** Why somebody declines or gives up. */
    record Reason(@JsonProperty(required = true) @Nullable String reason) {
        Reason {
            Rules.require(
                    reason != null && !reason.isBlank() && reason.length() <= 200,
                    "reason is a text of 1 to 200 characters");
        }

        String text() {
            return String.valueOf(reason);
        }
    }

    private Answer reject(Call call) {
        Reason why = call.read("the rejection", Reason.class);
        return Answer.ok(view(orders.reject(visible(call).id(), call.caller().name(), why.text()), call.caller()));
    }

    private Answer cancel(Call call) {
        Reason why = call.read("the cancellation", Reason.class);
        return Answer.ok(
                view(destruction.cancel(visible(call).id(), call.caller().name(), why.text()), call.caller()));
    }

    private Answer retry(Call call) {
        Order order = orders.retry(visible(call).id(), call.caller().name());
        generation.start(order);
        return Answer.ok(view(order, call.caller()));
    }

    private Answer close(Call call) {
        return Answer.ok(
                view(destruction.close(visible(call).id(), call.caller().name()), call.caller()));
    }
}
