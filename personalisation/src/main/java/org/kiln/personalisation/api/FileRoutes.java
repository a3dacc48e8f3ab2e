package org.kiln.personalisation.api;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.kiln.kms.access.Caller;
import org.kiln.kms.access.Role;
import org.kiln.kms.api.Problem;
import org.kiln.kms.api.ProblemException;
import org.kiln.kms.api.Responses;
import org.kiln.personalisation.custody.Caretaker;
import org.kiln.personalisation.custody.Destruction;
import org.kiln.personalisation.journal.Journal;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.Delivery;
import org.kiln.personalisation.order.DeliveryBook;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.order.OrderState;
import org.kiln.personalisation.output.DeliveryFiles;
import org.kiln.personalisation.output.Envelopes;
import org.kiln.transfer.acknowledgement.Acknowledgement;
import org.kiln.transfer.acknowledgement.AcknowledgementFile;
import org.kiln.transfer.envelope.SignerTrust;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /files} and {@code /orders/{id}/files/{partner}}: each recipient fetches his own, in parts if a connection
 * breaks.
 */
public final class FileRoutes {

    private static final Logger LOG = LoggerFactory.getLogger(FileRoutes.class);
    private static final String FILE = "/orders/:id/files/:partner";
    private static final Set<Role> EVERYBODY =
            Set.of(Role.CARD_VENDOR, Role.RECIPIENT, Role.IDENTITY_BROKER, Role.OPERATOR, Role.OFFICER, Role.AUDITOR);
    private static final Set<Role> FETCH = Set.of(Role.CARD_VENDOR, Role.RECIPIENT);

    private static final String CMS = "application/cms";
    private static final String OPENPGP = "application/pgp-encrypted";
    private static final int LARGEST_ACKNOWLEDGEMENT = 256 * 1024;

    private final OrderBook orders;
    private final DeliveryBook deliveries;
    private final CardStore cards;
    private final DeliveryFiles files;
    private final Envelopes envelopes;
    private final Destruction destruction;
    private final Caretaker caretaker;
    private final InstantSource clock;

    public FileRoutes(
            OrderBook orders,
            DeliveryBook deliveries,
            CardStore cards,
            DeliveryFiles files,
            Envelopes envelopes,
            Destruction destruction,
            Caretaker caretaker,
            InstantSource clock) {
        this.orders = orders;
        this.deliveries = deliveries;
        this.cards = cards;
        this.files = files;
        this.envelopes = envelopes;
        this.destruction = destruction;
        this.caretaker = caretaker;
        this.clock = clock;
    }

    void mount(Endpoints endpoints) {
        endpoints.get("/files", FETCH, this::list);
        endpoints.get("/signing-certificate", EVERYBODY, call -> signingCertificate());
        endpoints.takeOver(HttpMethod.GET, FILE, FETCH, (caller, context) -> fetch(endpoints, caller, context, true));
        endpoints.send(
                HttpMethod.POST, FILE + "/acknowledgement", FETCH, CMS, LARGEST_ACKNOWLEDGEMENT, this::acknowledge);
        endpoints.takeOver(HttpMethod.HEAD, FILE, FETCH, (caller, context) -> fetch(endpoints, caller, context, false));
    }

    /** The files that are there for the caller. */
    private Answer list(Call call) {
        List<OrderView.FileView> mine = deliveries
                .to(Objects.requireNonNull(call.caller().partner()))
                .stream()
                .map(OrderView.FileView::of)
                .toList();
        return Answer.ok(Map.of("items", mine));
    }

    /** With what files are signed, and to what files for the operator are encrypted: compare it by another way before you trust it. */
    private Answer signingCertificate() {
        return Answer.ok(Map.of(
                "x509", envelopes.x509(),
                "openPgp", envelopes.openPgpArmoured(),
                "envelope", envelopes.recipient()));
    }

    /** A file that can be sent. */
    private record Ready(Order order, Delivery delivery, Path file, long size) {

        String sha256() {
            return Objects.requireNonNull(delivery.sha256());
        }

        String mediaType() {
            return delivery.plan().partner().openPgpCertificate() == null ? CMS : OPENPGP;
        }
    }

    private void fetch(Endpoints endpoints, Caller caller, RoutingContext context, boolean withBody) {
        HttpServerResponse response = context.response();
        endpoints
                .onWorker(() -> ready(caller, context))
                .compose(ready -> {
                    String etag = '"' + ready.sha256() + '"';
                    response.putHeader(HttpHeaders.CONTENT_TYPE, ready.mediaType())
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
                .onFailure(failure -> refuse(context.request(), failure));
    }

    /** A client that goes on after a break says what it has; if the file is another by now, it gets the whole. */
    private static Optional<ByteRange> range(RoutingContext context, String etag, long size) {
        String ifRange = context.request().getHeader("if-range");
        return ifRange == null || ifRange.equals(etag)
                ? ByteRange.of(context.request().getHeader("range"), size)
                : Optional.empty();
    }

    private static void refuse(HttpServerRequest request, Throwable failure) {
        if (failure instanceof ByteRange.Unsatisfiable) {
            Responses.problem(request, Problem.of(416, "RANGE_NOT_SATISFIABLE", "the file is not as long"));
        } else {
            Responses.failure(request, Failures.explained(failure));
        }
    }

    /** Whoever got the last octet has the file, for he goes on from where he stopped. */
    private void fetched(Endpoints endpoints, Caller caller, Ready ready, ByteRange sent) {
        if (sent.last() == ready.size() - 1) {
            endpoints
                    .onWorker(() -> {
                        deliveries.markFetched(
                                ready.order().id(), ready.delivery().partner(), caller.name());
                        return ready;
                    })
                    .onFailure(e -> LOG.error(
                            "that a file of order {} was fetched is not recorded: {}",
                            ready.order().id(),
                            e.getMessage()));
        }
    }

    /**
     * Takes a recipient's signed answer. The file and its lines are destroyed then; the vendor's word has the subscribers
     * activated.
     */
    private Answer acknowledge(Call call) {
        Order order = orders.find(call.path("id")).orElseThrow(FileRoutes::unknown);
        Delivery delivery = deliveries.authentic(order.id()).stream()
                .filter(each -> each.partner().equals(call.path("partner"))
                        && call.caller().isOf(each.partner()))
                .findFirst()
                .orElseThrow(FileRoutes::unknown);
        Acknowledgement said = verified(order, delivery, call.body().getBytes());
        String actor = call.caller().name();
        if (said.verdict() == Acknowledgement.Verdict.REJECTED) {
            deliveries.refuse(order.id(), delivery.partner(), actor, String.join("; ", said.reasons()));
            return view(call);
        }
        String detail = said.quantity() + " cards, manifest " + said.manifest();
        Order after = deliveries.acknowledge(order.id(), delivery.partner(), actor, detail);
        destruction.destroyFile(order.id(), delivery.partner(), Journal.KILN);
        if (after.state() == OrderState.ACKNOWLEDGED) {
            caretaker.activate(after);
        }
        return view(call);
    }

    private Acknowledgement verified(Order order, Delivery delivery, byte[] file) {
        X509Certificate signer = DeliveryFiles.certificate(
                "certificate", delivery.plan().partner().signingCertificate());
        try {
            return AcknowledgementFile.read(
                            new ByteArrayInputStream(file),
                            SignerTrust.pinned(signer),
                            clock,
                            DeliveryFiles.expected(order, delivery))
                    .acknowledgement();
        } catch (IOException e) {
            throw new ProblemException(Problem.of(400, "ACKNOWLEDGEMENT_REFUSED", String.valueOf(e.getMessage())));
        }
    }

    private Answer view(Call call) {
        Order order = orders.find(call.path("id")).orElseThrow(FileRoutes::unknown);
        return Answer.ok(OrderView.of(order, cards.count(order.id()), deliveries.of(order.id()), call.caller()));
    }

    private Ready ready(Caller caller, RoutingContext context) throws IOException {
        String id = Objects.requireNonNull(context.pathParam("id"));
        String partner = Objects.requireNonNull(context.pathParam("partner"));
        Order order = orders.find(id).orElseThrow(FileRoutes::unknown);
        Delivery delivery = deliveries.authentic(id).stream()
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
