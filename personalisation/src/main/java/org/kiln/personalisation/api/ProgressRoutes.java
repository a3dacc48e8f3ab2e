package org.kiln.personalisation.api;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.kiln.kms.access.Caller;
import org.kiln.kms.access.Role;
import org.kiln.kms.api.Responses;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.order.OrderState;

/**
 * {@code /orders/{id}/progress}: server-sent events while cards are made. {@code progress} says how many are; a last
 * {@code state} says what the order has become, and the stream ends.
 */
public final class ProgressRoutes {

    private static final Set<Role> LOOK = Set.of(Role.CARD_VENDOR, Role.OPERATOR, Role.AUDITOR);
    private static final long EVERY_MS = 500;

    private final Vertx vertx;
    private final OrderBook orders;
    private final CardStore cards;

    public ProgressRoutes(Vertx vertx, OrderBook orders, CardStore cards) {
        this.vertx = vertx;
        this.orders = orders;
        this.cards = cards;
    }

    void mount(Endpoints endpoints) {
        endpoints.takeOver(
                HttpMethod.GET,
                "/orders/:id/progress",
                LOOK,
                (caller, context) -> new Watch(endpoints, caller, context).begin());
    }

    /** What a tick sees. */
    private record Sight(Order order, int made) {}

    /** One stream. */
    private final class Watch {

        private final Endpoints endpoints;
        private final Caller caller;
        private final String id;
        private final HttpServerResponse response;
        private boolean over;

        Watch(Endpoints endpoints, Caller caller, RoutingContext context) {
            this.endpoints = endpoints;
            this.caller = caller;
            id = Objects.requireNonNull(context.pathParam("id"));
            response = context.response();
        }

        void begin() {
            endpoints
                    .onWorker(this::look)
                    .onSuccess(first -> {
                        response.putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                                .setChunked(true);
                        response.closeHandler(closed -> over = true);
                        response.exceptionHandler(failure -> over = true);
                        tell(first);
                    })
                    .onFailure(failure -> Responses.failure(response, Failures.explained(failure)));
        }

        private Sight look() {
            Order order = orders.find(id)
                    .filter(found -> !caller.role().isPartners()
                            || caller.isOf(found.request().vendor()))
                    .orElseThrow(() -> new OrderException.Unknown("there is no such order"));
            return new Sight(order, cards.count(id));
        }

        private void tell(Sight sight) {
            if (over || response.ended()) {
                return;
            }
            OrderState state = sight.order.state();
            boolean goesOn = state == OrderState.GENERATING || state == OrderState.REQUESTED;
            Map<String, Object> data = Map.of(
                    "state",
                    state.name(),
                    "made",
                    sight.made,
                    "quantity",
                    sight.order.request().quantity());
            String event =
                    "event: " + (goesOn ? "progress" : "state") + "\ndata: " + Documents.writeJson(data) + "\n\n";
            if (!goesOn) {
                over = true;
                response.end(event);
                return;
            }
            response.write(event);
            vertx.setTimer(
                    EVERY_MS,
                    tick -> endpoints.onWorker(this::look).onSuccess(this::tell).onFailure(failure -> response.end()));
        }
    }
}
