package org.kiln.personalisation.api;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.kiln.kms.api.Problem;
import org.kiln.kms.api.ProblemException;
import org.kiln.kms.api.RequestBody;
import org.kiln.kms.api.Responses;
import org.kiln.personalisation.generation.BatchGeneration;
import org.kiln.personalisation.order.CardOrder;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.Json;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.order.OrderState;
import org.kiln.personalisation.output.VendorFile;
import org.kiln.transfer.numbering.NumberingException;

/**
 * {@code /personalisation/v1/orders}: a vendor posts an order, watches it and fetches its file. What needs the disk or
 * the token runs on worker threads.
 */
public final class OrderRoutes {

    private static final String ORDERS = "/personalisation/v1/orders";
    private static final int LARGEST_ORDER = 64 * 1024;

    private final Vertx vertx;
    private final OrderBook orders;
    private final CardStore cards;
    private final BatchGeneration generation;
    private final VendorFile vendorFile;

    public OrderRoutes(
            Vertx vertx, OrderBook orders, CardStore cards, BatchGeneration generation, VendorFile vendorFile) {
        this.vertx = vertx;
        this.orders = orders;
        this.cards = cards;
        this.generation = generation;
        this.vendorFile = vendorFile;
    }

    public void mount(Router router) {
        router.post(ORDERS).handler(this::post);
        router.get(ORDERS + "/:id").handler(this::get);
        router.get(ORDERS + "/:id/output").handler(this::output);
    }

    private void post(RoutingContext context) {
        RequestBody.read(context.request(), LARGEST_ORDER)
                .compose(body -> onWorker(() -> enter(body)))
                .onSuccess(order -> {
                    context.response().setStatusCode(202).putHeader(HttpHeaders.LOCATION, ORDERS + "/" + order.id());
                    send(context, describe(order, 0));
                })
                .onFailure(failure -> Responses.failure(context.response(), failure));
    }

    private Order enter(Buffer body) {
        try {
            CardOrder request = Json.readOrder(body.getBytes());
            vendorFile.requireDeliverable(request);
            Order order = orders.enter(request);
            generation.start(order);
            return order;
        } catch (OrderException | NumberingException e) {
            throw new ProblemException(Problem.of(400, "ORDER_REFUSED", String.valueOf(e.getMessage())));
        }
    }

    private void get(RoutingContext context) {
        onWorker(() -> {
                    Order order = require(context);
                    return describe(order, cards.count(order.id()));
                })
                .onSuccess(json -> send(context, json))
                .onFailure(failure -> Responses.failure(context.response(), failure));
    }

    private void output(RoutingContext context) {
        HttpServerResponse response = context.response();
        onWorker(() -> {
                    Order order = require(context);
                    if (order.state() != OrderState.READY) {
                        throw new ProblemException(Problem.of(
                                409, "ORDER_NOT_READY", "the order is " + order.state() + "; ask again later"));
                    }
                    return order;
                })
                .compose(order -> {
                    response.putHeader(HttpHeaders.CONTENT_TYPE, "application/cms")
                            .putHeader("digest", "sha-256=" + order.outputSha256());
                    return response.sendFile(vendorFile.path(order.id()).toString());
                })
                .onFailure(failure -> Responses.failure(response, failure));
    }

    private Order require(RoutingContext context) {
        return Optional.ofNullable(context.pathParam("id"))
                .flatMap(orders::find)
                .orElseThrow(() -> new ProblemException(Problem.of(404, "ORDER_NOT_FOUND", "there is no such order")));
    }

    private <T> Future<T> onWorker(Callable<T> work) {
        return vertx.executeBlocking(work, false).map(Objects::requireNonNull);
    }

    private static JsonObject describe(Order order, int made) {
        JsonObject json = new JsonObject()
                .put("id", order.id())
                .put("idempotencyKey", order.request().idempotencyKey())
                .put("vendor", order.request().vendor())
                .put("state", order.state().name())
                .put("quantity", order.request().quantity())
                .put("made", made)
                .put("created", order.created().toString());
        return order.outputSha256() == null ? json : json.put("outputSha256", order.outputSha256());
    }

    private static void send(RoutingContext context, JsonObject json) {
        context.json(json).onFailure(failure -> Responses.failure(context.response(), failure));
    }
}
