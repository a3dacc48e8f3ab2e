package org.kiln.personalisation.api;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.kiln.kms.access.Caller;
import org.kiln.kms.access.Role;
import org.kiln.kms.api.Cause;
import org.kiln.kms.api.Problem;
import org.kiln.kms.api.ProblemException;
import org.kiln.kms.api.Responses;
import org.kiln.personalisation.custody.Caretaker;
import org.kiln.personalisation.intake.BatchIntake;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.DeliveryBook;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.output.DeliveryFiles;
import org.kiln.transfer.envelope.SignerTrust;

/** {@code PUT /orders/{id}/cards}: a vendor hands in the batch whose keys his own HSM made. */
public final class IntakeRoutes {

    private static final String CMS = "application/cms";
    private static final long LARGEST_BATCH = 2L << 30;
    private static final int DIGITS = 12;

    private final Vertx vertx;
    private final Path folder;
    private final OrderBook orders;
    private final DeliveryBook deliveries;
    private final CardStore cards;
    private final BatchIntake intake;
    private final Caretaker caretaker;

    /** @param folder where uploads lie until they are taken in */
    public IntakeRoutes(
            Vertx vertx,
            Path folder,
            OrderBook orders,
            DeliveryBook deliveries,
            CardStore cards,
            BatchIntake intake,
            Caretaker caretaker) {
        this.vertx = vertx;
        this.folder = folder;
        this.orders = orders;
        this.deliveries = deliveries;
        this.cards = cards;
        this.intake = intake;
        this.caretaker = caretaker;
    }

    void mount(Endpoints endpoints) {
        endpoints.takeOver(
                HttpMethod.PUT,
                "/orders/:id/cards",
                Set.of(Role.CARD_VENDOR),
                (caller, context) -> upload(endpoints, caller, context));
    }

    private void upload(Endpoints endpoints, Caller caller, RoutingContext context) {
        HttpServerRequest request = context.request().pause();
        Path file = folder.resolve("upload-" + UUID.randomUUID() + ".part");
        endpoints
                .onWorker(() -> prepared(caller, context))
                .compose(order ->
                        receive(request, file).compose(done -> endpoints.onWorker(() -> take(order, file, caller))))
                .onComplete(done -> endpoints.onWorker(() -> Files.deleteIfExists(file)))
                .onSuccess(answer -> Endpoints.answer(context.response(), answer))
                .onFailure(failure -> {
                    if (!request.isEnded()) {
                        request.resume();
                    }
                    Responses.failure(context.response(), Failures.explained(failure));
                });
    }

    private Order prepared(Caller caller, RoutingContext context) throws IOException {
        String type = context.request().getHeader(HttpHeaders.CONTENT_TYPE);
        if (type == null || !type.strip().equalsIgnoreCase(CMS)) {
            throw new ProblemException(Problem.of(Cause.UNSUPPORTED_MEDIA_TYPE, "send content-type: " + CMS));
        }
        requireLength(context.request());
        Files.createDirectories(folder);
        Order order = orders.find(Objects.requireNonNull(context.pathParam("id")))
                .filter(found -> caller.isOf(found.request().vendor()))
                .orElseThrow(() -> new OrderException.Unknown("there is no such order"));
        BatchIntake.requireAwaited(order);
        return order;
    }

    private Future<Void> receive(HttpServerRequest request, Path file) {
        return vertx.fileSystem()
                .open(file.toString(), new OpenOptions().setCreateNew(true).setPerms("rw-------"))
                .compose(request::pipeTo);
    }

    /** How long it is, the request must say: the HTTP codec holds it to that. */
    private static void requireLength(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            throw new ProblemException(Problem.of(Cause.LENGTH_REQUIRED, "send content-length"));
        }
        if (length.length() > DIGITS || Long.parseLong(length) > LARGEST_BATCH) {
            throw new ProblemException(
                    Problem.of(Cause.PAYLOAD_TOO_LARGE, "the batch has more than " + LARGEST_BATCH + " octets"));
        }
    }

    private Answer take(Order order, Path file, Caller caller) {
        SignerTrust trust = SignerTrust.pinned(DeliveryFiles.certificate(
                "acknowledgementCertificate", order.request().signingCertificate()));
        Order taken = intake.take(order, file, trust, caller.name());
        caretaker.activate(taken);
        return Answer.ok(OrderView.of(taken, cards.count(taken.id()), deliveries.of(taken.id()), caller));
    }
}
