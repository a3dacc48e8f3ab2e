package org.kiln.personalisation.server;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.kiln.kms.access.AccessException;
import org.kiln.kms.access.AccessMeter;
import org.kiln.kms.access.AccessRules;
import org.kiln.kms.access.Role;
import org.kiln.kms.api.ApprovalRoutes;
import org.kiln.kms.api.Callers;
import org.kiln.kms.api.Cause;
import org.kiln.kms.api.LockOutRoutes;
import org.kiln.kms.api.NudmUeau;
import org.kiln.kms.api.NudrAuthenticationSubscription;
import org.kiln.kms.api.Problem;
import org.kiln.kms.api.Responses;
import org.kiln.kms.approval.ApprovalException;
import org.kiln.kms.approval.Approvals;
import org.kiln.kms.auc.AuthEvents;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.audit.AuditException;
import org.kiln.kms.audit.AuditSeal;
import org.kiln.kms.grpc.GrpcVectors;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.provisioning.SubscriberProvisioning;
import org.kiln.kms.server.AbuseAlarm;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.DataFolder;
import org.kiln.kms.server.Expiry;
import org.kiln.kms.server.GsupListener;
import org.kiln.kms.server.Health;
import org.kiln.kms.server.HttpListeners;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.ListenerTls;
import org.kiln.kms.server.ServedVectors;
import org.kiln.kms.server.ServerLock;
import org.kiln.kms.server.Switchboard;
import org.kiln.kms.server.TlsWatch;
import org.kiln.kms.server.TokenAuditSigner;
import org.kiln.kms.store.SoleRight;
import org.kiln.kms.store.StoreException;
import org.kiln.secret.CoreDumps;
import org.kiln.secret.SecretMemory;
import org.kiln.token.JcaToken;
import org.kiln.transfer.envelope.Identity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Authentication centre and personalisation centre in one process: what {@code kiln up} runs. Of the nodes that share a store, one
 * is its personalisation centre; the others are authentication centres alone.
 */
public final class Kiln implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Kiln.class);
    private static final long MINUTE_MILLIS = 60_000;
    private static final long SEAL_MILLIS = 3_600_000;
    private static final Set<Role> OPERATIONS = Set.of(Role.MONITOR, Role.OPERATOR, Role.OFFICER, Role.AUDITOR);

    private final ServerLock lock;
    private final AucNode node;
    private final Vertx vertx;
    private final AbuseAlarm abuse;
    private final AuthenticationCentre centre;
    private final AuthEvents authEvents;
    private final SubscriberProvisioning provisioning;
    private final Optional<SoleRight> personalises;
    private final Optional<PersonalisationCentre> personalisation;
    private final AuditSeal auditSeal;
    private final ServedVectors servedVectors;
    private final HttpListeners listeners;
    private final int httpsPort;
    private final OptionalInt labPort;
    private final Optional<GsupListener> gsup;

    private Kiln(ServerLock lock, DataFolder folder, KilnConfiguration configuration, boolean lab, boolean aucOnly) {
        this.lock = lock;
        node = AucNode.open(folder, configuration);
        enterRoles(node);
        node.database().migrate("personalisation");
        personalises = aucOnly ? Optional.empty() : Optional.of(soleRight());
        vertx = Vertx.vertx();
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        abuse = new AbuseAlarm(node.subscribers(), configuration.auc().node(), registry);
        centre = node.authenticationCentre(lab, registry, abuse::askedOften);
        JcaToken jca = node.connection().jca();
        auditSeal = new AuditSeal(node.database(), new TokenAuditSigner(jca));
        personalisation = personalises.map(_ -> PersonalisationCentre.open(
                vertx, node, identity(jca, KeyLabels.SIGNING), identity(jca, KeyLabels.ENVELOPE), folder, centre, lab));
        Approvals approvals = node.dualControl().approvals();
        AccessRules rules = new AccessRules(
                configuration.callers(), configuration.anomalies().scanLimit(), abuse::scanned);
        AccessMeter.count(rules, registry);
        Callers callers = new Callers(rules);
        Router router = Router.router(vertx);
        personalisation.ifPresent(open -> open.api().mount(vertx, router, callers));
        new LockOutRoutes(vertx, rules, callers, abuse::lift).mount(router);
        mountOperations(router, registry, callers);
        authEvents = node.authEvents();
        provisioning = node.provisioning(lab, centre);
        listeners = new HttpListeners(
                vertx,
                callers,
                new Switchboard(
                        new NudmUeau(vertx, centre, node.sidf(), authEvents),
                        new NudrAuthenticationSubscription(vertx, provisioning),
                        new GrpcVectors(vertx, centre, lab),
                        new ApprovalRoutes(
                                vertx,
                                approvals,
                                () -> personalisation
                                        .map(PersonalisationCentre::waiting)
                                        .orElse(List.of())),
                        router));
        ListenerTls tls = new ListenerTls(configuration.tls(), jca, folder);
        NodeMeters meters =
                new NodeMeters(node, centre, approvals, tls, ownCertificates(jca), personalisation, registry);
        meters.look();
        httpsPort = listeners.startHttps(configuration, tls, folder);
        labPort = lab ? OptionalInt.of(listeners.startLab(configuration.lab())) : OptionalInt.empty();
        gsup = configuration.gsup().enabled()
                ? Optional.of(GsupListener.start(vertx, configuration.gsup(), centre, tls, rules, lab))
                : Optional.empty();
        TlsWatch.begin(vertx, tls, listeners, gsup);
        personalisation.ifPresent(PersonalisationCentre::start);
        servedVectors =
                new ServedVectors(rules, node.database(), configuration.auc().node());
        vertx.setPeriodic(MINUTE_MILLIS, _ -> vertx.executeBlocking(() -> everyMinute(approvals, meters)));
        vertx.setPeriodic(SEAL_MILLIS, _ -> vertx.executeBlocking(this::sealAudit));
        if (configuration.approvals().isEmpty() && !lab) {
            LOG.warn("one person does what moves keys: kiln.yaml has no section approvals");
        }
    }

    private NodeMeters everyMinute(Approvals approvals, NodeMeters meters) {
        enterServedVectors();
        try {
            approvals.expire();
        } catch (ApprovalException | StoreException e) {
            LOG.error("approvals are not looked through: {}", e.getMessage());
        }
        try {
            personalisation.ifPresent(PersonalisationCentre::expire);
        } catch (StoreException e) {
            LOG.error("drafts and orders that wait are not looked through: {}", e.getMessage());
        }
        meters.look();
        return meters;
    }

    private void enterServedVectors() {
        try {
            servedVectors.enter(Instant.now());
        } catch (StoreException e) {
            LOG.error("the audit log does not tell of vectors served: {}", e.getMessage());
        }
    }

    private boolean sealAudit() {
        try {
            return auditSeal.seal(Instant.now()).isPresent();
        } catch (AuditException | StoreException e) {
            LOG.error("the audit log is not sealed: {}", e.getMessage());
            return false;
        }
    }

    private static void enterRoles(AucNode node) {
        try {
            node.dualControl().enterRoles();
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    private SoleRight soleRight() {
        return node.database()
                .soleRight("personalisation")
                .orElseThrow(
                        () -> new ConfigurationException("another node is the personalisation centre of this store, and"
                                + " there is one at a time: start this one with --auc-only"));
    }

    private static List<Expiry> ownCertificates(JcaToken jca) {
        return Stream.of(KeyLabels.SIGNING, KeyLabels.ENVELOPE)
                .map(label -> new Expiry(
                        label, label, jca.certificate(label).getNotAfter().toInstant()))
                .toList();
    }

    private static Identity identity(JcaToken jca, String label) {
        return new Identity(jca.privateKey(label), jca.certificate(label), jca.provider());
    }

    /**
     * Starts serving from a prepared folder.
     *
     * @param lab whether to open the laboratory listener too
     * @param aucOnly whether to serve vectors and provisioning alone
     * @throws ConfigurationException if another node of the store is its personalisation centre, unless {@code aucOnly}
     */
    public static Kiln start(DataFolder folder, KilnConfiguration configuration, boolean lab, boolean aucOnly) {
        GsupListener.requireSheltered(configuration.gsup(), lab);
        configuration.hsm().requireLockedKek(lab);
        forbidDumps(lab);
        ServerLock lock = ServerLock.take(folder);
        try {
            return new Kiln(lock, folder, configuration, lab, aucOnly);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** Answered by 503 where vectors are refused, so that a load balancer needs to read nothing. */
    private void health(RoutingContext context) {
        vertx.executeBlocking(() -> Health.of(node, centre), false).onComplete(health -> {
            if (health.failed()) {
                Responses.failure(context.response(), health.cause());
            } else if (health.result().status() == Health.Status.DOWN) {
                Responses.problem(
                        context.request(),
                        Problem.of(
                                Cause.NF_CONGESTION,
                                String.join("; ", health.result().reasons())));
            } else {
                Responses.text(
                        context.response(),
                        "application/json",
                        JsonObject.of(
                                        "status",
                                        health.result().status().name(),
                                        "reasons",
                                        new JsonArray(health.result().reasons()))
                                .encode());
            }
        });
    }

    private void mountOperations(Router router, PrometheusMeterRegistry registry, Callers callers) {
        sayWhetherMemoryIsLocked();
        router.get("/metrics").handler(context -> {
            try {
                callers.of(context.request()).require(OPERATIONS);
            } catch (AccessException e) {
                Responses.failure(context.response(), e);
                return;
            }
            Responses.text(context.response(), "text/plain; version=0.0.4; charset=utf-8", registry.scrape());
        });
        router.get("/health").handler(this::health);
        router.route()
                .last()
                .handler(context -> Responses.problem(
                        context.request(), Problem.of(Cause.RESOURCE_NOT_FOUND, "there is nothing at this path")));
        router.errorHandler(500, context -> {
            Throwable failure = context.failure();
            Responses.failure(
                    context.response(), failure == null ? new IllegalStateException("no failure given") : failure);
        });
    }

    /** A laboratory's memory may be looked into. */
    private static void forbidDumps(boolean lab) {
        if (!lab && !CoreDumps.forbid()) {
            LOG.warn("core dumps cannot be switched off from within here: set LimitCORE=0 (ulimit -c 0)");
        }
    }

    private static void sayWhetherMemoryIsLocked() {
        if (SecretMemory.isLocked()) {
            LOG.info("memory for keys and PINs: {} octets, locked", SecretMemory.lockedOctets());
        } else {
            LOG.warn(
                    "memory for keys and PINs is not locked and may reach swap or a core dump: raise the limit of locked"
                            + " memory (ulimit -l, LimitMEMLOCK in a systemd unit) and start again, or keep both off");
        }
    }

    public int httpsPort() {
        return httpsPort;
    }

    public OptionalInt labPort() {
        return labPort;
    }

    public OptionalInt gsupPort() {
        return gsup.map(listener -> OptionalInt.of(listener.port())).orElse(OptionalInt.empty());
    }

    /** Stops taking requests, finishes what has begun, and lets go of the token. */
    @Override
    public void close() {
        listeners.close();
        gsup.ifPresent(GsupListener::close);
        personalisation.ifPresent(PersonalisationCentre::close);
        personalises.ifPresent(SoleRight::close);
        authEvents.close();
        provisioning.close();
        centre.close();
        abuse.close();
        enterServedVectors();
        sealAudit();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        node.close();
        lock.close();
    }
}
