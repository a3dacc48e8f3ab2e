package org.kiln.kms.server;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.PublicKey;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import org.kiln.kms.access.AccessRules;
import org.kiln.kms.access.Principal;
import org.kiln.kms.api.ApprovalRoutes;
import org.kiln.kms.api.Callers;
import org.kiln.kms.api.NudmUeau;
import org.kiln.kms.api.NudrAuthenticationSubscription;
import org.kiln.kms.auc.AuthEvents;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.grpc.GrpcVectors;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.provisioning.SubscriberProvisioning;
import org.kiln.kms.trace.RequestScope;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenCertificates;

/** A node of a scratch token that listens for TLS, its server's key in the token; all other paths answer "reached". */
final class ListeningNode implements AutoCloseable {

    /** Of a network function that the node knows by it, with a role for PLMN 262-01. */
    static final String NF_INSTANCE = "7d3c8f6e-0c55-4a55-9c0e-5b1f3d2a9e11";

    private final ScratchKeys keys = ScratchKeys.create();
    private final LabAuthority authority;
    private final AucNode node;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AbuseAlarm abuse;
    private final AuthenticationCentre centre;
    private final AuthEvents events;
    private final SubscriberProvisioning provisioning;
    private final Vertx vertx = Vertx.vertx();
    private final AccessRules rules;
    private final Callers callers;
    private final ListenerTls tls;
    private final HttpListeners listeners;
    private final HttpListeners impatient;
    private final int impatientPort;
    private final int port;

    /** @param more what stands in {@code kiln.yaml} beside the defaults */
    ListeningNode(Path root, String more) throws Exception {
        DataFolder folder = ScratchFolder.create(root, keys.token().label());
        authority = LabAuthority.create(folder.pki());
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            PublicKey key = TokenCertificates.p256PublicKey(session, KeyLabels.TLS_SERVER);
            TokenCertificates.store(
                    session,
                    KeyLabels.TLS_SERVER,
                    KeyLabels.TLS_SERVER.getBytes(StandardCharsets.UTF_8),
                    authority.certify(key, "localhost", LabAuthority.Purpose.SERVER));
        }
        authority.revoke(
                LabAuthority.readCertificate(authority.newClient("former").certificate()));
        Files.writeString(folder.configuration(), more, StandardOpenOption.APPEND);
        ScratchFolder.change(
                folder,
                "\ncallers:\n",
                "\ncallers:\n  - {name: ausf, role: [udm, provisioner, monitor]}\n  - {name: slow, role: \"hlr:001-01\", limit:"
                        + " {perSecond: 1, burst: 3, atOnce: 100}}\n"
                        + "  - {name: nf-scanner, role: udm}\n"
                        + "  - {name: narrow, role: udm, limit: {perSecond: 1000000, burst: 1000000, atOnce: 2}}\n"
                        + "  - {name: nf, role: \"udm:262-01\", certificate: {uri: \"urn:uuid:" + NF_INSTANCE
                        + "\"}}\n");
        KilnConfiguration configuration = ScratchFolder.change(folder, "port: 8443", "port: 0");
        node = AucNode.open(folder, configuration);
        abuse = new AbuseAlarm(node.subscribers(), 0, meters);
        centre = node.authenticationCentre(false, meters, abuse::askedOften);
        events = node.authEvents();
        provisioning = node.provisioning(false, centre);
        NudmUeau nudm = new NudmUeau(vertx, centre, node.sidf(), events);
        NudrAuthenticationSubscription nudr = new NudrAuthenticationSubscription(vertx, provisioning);
        GrpcVectors grpc = new GrpcVectors(vertx, centre, false);
        rules = new AccessRules(
                configuration.callers(), configuration.anomalies().scanLimit(), abuse::scanned);
        callers = new Callers(rules);
        Switchboard switchboard = new Switchboard(
                nudm,
                nudr,
                grpc,
                new ApprovalRoutes(vertx, node.dualControl().approvals(), List::of),
                ListeningNode::answer);
        listeners = new HttpListeners(vertx, callers, switchboard);
        impatient = new HttpListeners(vertx, callers, switchboard, new Patience.Limits(2_000, 300, 300, 300, 50));
        tls = new ListenerTls(configuration.tls(), node.connection().jca(), folder);
        impatientPort = impatient.startHttps(configuration, tls, folder);
        port = listeners.startHttps(configuration, tls, folder);
    }

    /** {@code /hold} gets no answer; {@code /labels} what the log would say of the request. */
    private static void answer(HttpServerRequest request) {
        if (request.path().equals("/labels")) {
            request.response().end(new TreeMap<>(RequestScope.labels()).toString());
        } else if (!request.path().equals("/hold")) {
            request.response().end("reached");
        }
    }

    /** Has changed files of TLS taken up, which a node does every few seconds. */
    void lookAtFiles() {
        TlsWatch.look(vertx, tls, listeners, Optional.empty())
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    Principal caller(String name) {
        return rules.named(name);
    }

    AbuseAlarm abuse() {
        return abuse;
    }

    AucNode node() {
        return node;
    }

    URI at(String path) {
        return URI.create("https://127.0.0.1:" + port + path);
    }

    /** Of a listener that waits 0.3 s for requests and bodies, 2 s for TLS. */
    int impatientPort() {
        return impatientPort;
    }

    int port() {
        return port;
    }

    LabAuthority authority() {
        return authority;
    }

    HttpClient anonymous() throws Exception {
        return client(TlsContexts.anonymous(authority));
    }

    HttpClient withCertificate(String name) throws Exception {
        return client(TlsContexts.as(authority, authority.newClient(name)));
    }

    static HttpClient client(SSLContext context) {
        return HttpClient.newBuilder().sslContext(context).build();
    }

    @Override
    public void close() {
        listeners.close();
        impatient.close();
        events.close();
        provisioning.close();
        centre.close();
        abuse.close();
        vertx.close().await();
        node.close();
        keys.close();
    }
}
