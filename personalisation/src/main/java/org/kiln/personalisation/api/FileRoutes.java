package org.kiln.personalisation.api;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.kiln.kms.api.Caller;
import org.kiln.kms.api.Problem;
import org.kiln.kms.api.ProblemException;
import org.kiln.kms.api.Responses;
import org.kiln.kms.api.Role;
import org.kiln.personalisation.order.Delivery;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.output.DeliveryFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /files} and {@code /orders/{id}/files/{partner}}: each recipient fetches his own, in parts if a connection
 * breaks.
 */
public final class FileRoutes {

    private static final Logger LOG = LoggerFactory.getLogger(FileRoutes.class);
    private static final String FILE = "/orders/:id/files/:partner";
    private static final Set<Role> RECIPIENTS = Set.of(Role.CARD_VENDOR, Role.RECIPIENT);
    private static final Set<Role> FETCH = Set.of(Role.CARD_VENDOR, Role.RECIPIENT);

    private final OrderBook orders;
    private final DeliveryFiles files;

    public FileRoutes(OrderBook orders, DeliveryFiles files) {
        this.orders = orders;
        this.files = files;
    }

    void mount(Endpoints endpoints) {
        endpoints.get("/files", RECIPIENTS, this::list);
        endpoints.takeOver(HttpMethod.GET, FILE, FETCH, (caller, context) -> fetch(endpoints, caller, context, true));
        endpoints.takeOver(HttpMethod.HEAD, FILE, FETCH, (caller, context) -> fetch(endpoints, caller, context, false));
    }

    /** The files that are there for the caller. */
    private Answer list(Call call) {
        List<OrderView.FileView> mine = orders
                .deliveriesTo(Objects.requireNonNull(call.caller().partner()))
                .stream()
                .map(OrderView.FileView::of)
                .toList();
        return Answer.ok(Map.of("items", mine));
    }

    /** A file that can be sent. */
    private record Ready(Order order, Delivery delivery, Path file, long size) {

        String sha256() {
            return Objects.requireNonNull(delivery.sha256());
        }
    }

    private void fetch(Endpoints endpoints, Caller caller, RoutingContext context, boolean withBody) {
        HttpServerResponse response = context.response();
        endpoints
                .onWorker(() -> ready(caller, context))
                .compose(ready -> {
                    String etag = '"' + ready.sha256() + '"';
                    response.putHeader(HttpHeaders.CONTENT_TYPE, "application/cms")
                            .putHeader(HttpHeaders.ACCEPT_RANGES, "bytes")
                            .putHeader(HttpHeaders.ETAG, etag)
                            .putHeader("repr-digest", "sha-256=:" + base64(ready.sha256()) + ":");
                    Optional<ByteRange> range = range(context, etag, ready.size());
                    ByteRange sent = range.orElse(new ByteRange(0, ready.size() - 1));
                    if (range.isPresent()) {
                        response.setStatusCode(206)
                                .putHeader(
                                        HttpHeaders.CONTENT_RANGE,
                                        "bytes " + sent.first() + "-" + sent.last() + "/" + ready.size());
                    }
                    if (!withBody) {
                        response.putHeader(HttpHeaders.CONTENT_LENGTH, String.valueOf(sent.length()));
                        return response.end();
                    }
                    return response.sendFile(ready.file().toString(), sent.first(), sent.length())
                            .onSuccess(done -> fetched(endpoints, caller, ready, sent));
                })
                .onFailure(failure -> refuse(response, failure));
    }

    /** A client that goes on after a break says what it has; if the file is another by now, it gets the whole. */
    private static Optional<ByteRange> range(RoutingContext context, String etag, long size) {
        String ifRange = context.request().getHeader("if-range");
        return ifRange == null || ifRange.equals(etag)
                ? ByteRange.of(context.request().getHeader("range"), size)
                : Optional.empty();
    }

    private static void refuse(HttpServerResponse response, Throwable failure) {
        if (failure instanceof ByteRange.Unsatisfiable) {
            Responses.problem(response, Problem.of(416, "RANGE_NOT_SATISFIABLE", "the file is not as long"));
        } else {
            Responses.failure(response, Failures.explained(failure));
        }
    }

    /** Whoever got the last octet has the file, for he goes on from where he stopped. */
    private void fetched(Endpoints endpoints, Caller caller, Ready ready, ByteRange sent) {
        if (sent.last() == ready.size() - 1) {
            endpoints
                    .onWorker(() -> {
                        orders.markFetched(ready.order().id(), ready.delivery().partner(), caller.name());
                        return ready;
                    })
                    .onFailure(e -> LOG.error(
                            "that a file of order {} was fetched is not recorded: {}",
                            ready.order().id(),
                            e.getMessage()));
        }
    }

    private Ready ready(Caller caller, RoutingContext context) throws java.io.IOException {
        String id = Objects.requireNonNull(context.pathParam("id"));
        String partner = Objects.requireNonNull(context.pathParam("partner"));
        Order order = orders.find(id).orElseThrow(FileRoutes::unknown);
        Delivery delivery = orders.deliveries(id).stream()
                .filter(each -> each.partner().equals(partner) && caller.isOf(partner))
                .findFirst()
                .orElseThrow(() -> missing(caller, order));
        if (delivery.state() == Delivery.State.PLANNED) {
            throw notReady(order);
        }
        Path file = files.path(id, partner);
        if (delivery.state() == Delivery.State.DESTROYED || !Files.exists(file)) {
            throw new ProblemException(
                    Problem.of(410, "FILE_DESTROYED", "the file was destroyed, as the order's events say"));
        }
        return new Ready(order, delivery, file, Files.size(file));
    }

    private static RuntimeException missing(Caller caller, Order order) {
        return caller.isOf(order.request().vendor()) ? notReady(order) : unknown();
    }

    private static OrderException.Unknown unknown() {
        return new OrderException.Unknown("there is no such file");
    }

    private static ProblemException notReady(Order order) {
        return new ProblemException(
                Problem.of(409, "ORDER_NOT_READY", "the order is " + order.state() + "; ask again later"));
    }

    private static String base64(String sha256) {
        return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(sha256));
    }
}
