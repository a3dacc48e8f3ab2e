package org.kiln.personalisation.server;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.kiln.kms.approval.Approvals;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.hsm.TokenMeter;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.Expiry;
import org.kiln.kms.server.ExpiryMeter;
import org.kiln.kms.server.ListenerTls;
import org.kiln.personalisation.order.CardStore;
import org.kiln.secret.SecretMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The meters of a node that are nobody else's. What needs the store is as of the last {@link #look}. */
final class NodeMeters {

    private static final Logger LOG = LoggerFactory.getLogger(NodeMeters.class);

    private final AucNode node;
    private final Approvals approvals;
    private final ListenerTls tls;
    private final List<Expiry> own;
    private final ExpiryMeter expiries;
    private final Optional<ProductionMeter> production;
    private final AtomicLong openApprovals = new AtomicLong();

    /** @param own until when the certificates of the node's own keys are good */
    NodeMeters(
            AucNode node,
            AuthenticationCentre centre,
            Approvals approvals,
            ListenerTls tls,
            List<Expiry> own,
            Optional<PersonalisationCentre> personalisation,
            MeterRegistry registry) {
        this.own = List.copyOf(own);
        this.node = node;
        this.approvals = approvals;
        this.tls = tls;
        InstantSource clock = InstantSource.system();
        expiries = new ExpiryMeter(registry, clock);
        production = personalisation.map(centreOfCards -> new ProductionMeter(
                centreOfCards.orders(), new CardStore(node.database()), centreOfCards.generation(), registry));
        TokenMeter.show(node.tokens(), registry);
        node.database().measure(registry);
        Gauge.builder("kiln_active_subscribers", centre, AuthenticationCentre::activeSubscribers)
                .description("subscribers whose keys are in use")
                .register(registry);
        Gauge.builder("kiln_node_seated", centre, seated -> seated.isSeated() ? 1 : 0)
                .description("1 while this node has a number among those that share the store")
                .register(registry);
        Gauge.builder("kiln_secret_memory_locked_bytes", SecretMemory::lockedOctets)
                .description(
                        "memory for keys and PINs that is kept out of swap and core dumps; 0 where the system locks none")
                .register(registry);
        FunctionCounter.builder("kiln_secrets_outside_locked_memory", this, _ -> SecretMemory.secretsOutside())
                .description("keys and PINs that were put in memory which is not locked")
                .register(registry);
        Gauge.builder("kiln_approvals_open", openApprovals, AtomicLong::get)
                .description("acts that wait for a second person, or for being done after he has approved")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
    }

    /** Looks at the store and the certificates. What cannot be looked at is shown as it was, and keeps nothing else from it. */
    void look() {
        looked("approvals", () -> openApprovals.set(approvals.open()));
        looked(
                "certificates and transport keys",
                () -> expiries.show(
                        Stream.of(tls.certificates(), own.stream(), PartnerCertificates.in(node.database()))
                                .flatMap(each -> each),
                        tls.revocationLists(),
                        node.transportKeys().list().stream()));
        production.ifPresent(meter -> looked("orders", meter::look));
    }

    private static void looked(String what, Runnable look) {
        try {
            look.run();
        } catch (RuntimeException e) {
            LOG.error("the meters show {} as they were: {}", what, e.getMessage());
        }
    }
}
