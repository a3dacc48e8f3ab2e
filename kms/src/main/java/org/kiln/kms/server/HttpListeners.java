package org.kiln.kms.server;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.BindException;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.api.AccessGate;
import org.kiln.kms.api.CallerHandler;
import org.kiln.kms.api.Callers;
import org.kiln.kms.api.NudmUeau;
import org.kiln.kms.api.NudrAuthenticationSubscription;
import org.kiln.kms.grpc.GrpcVectors;
import org.kiln.kms.oauth2.AccessTokens;
import org.kiln.kms.oauth2.RequiredScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listeners of a node: TLS with client certificates or access tokens, and the laboratory's without. */
public final class HttpListeners {

    private static final int LARGEST_HEADERS = 8 * 1024;
    private static final int IDLE_SECONDS = 300;
    private static final int DRAIN_SECONDS = 20;

    private static final Logger LOG = LoggerFactory.getLogger(HttpListeners.class);

    private final Vertx vertx;
    private final Callers callers;
    private final CallerHandler handler;
    private final List<AccessTokens> tokens = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<HttpServer> servers = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<Supplier<Future<Boolean>>> renewals = new CopyOnWriteArrayList<>();

    /** To Vert.x each negative number is a free port of its own, which all instances of a listener share. */
    private int freePort;

    /** @param handler is told who calls */
    public HttpListeners(Vertx vertx, Callers callers, CallerHandler handler) {
        this.vertx = vertx;
        this.callers = callers;
        this.handler = handler;
    }

    /**
     * Starts the TLS listener and returns its port. Callers need a client certificate; where the configuration trusts an
     * NRF, its access tokens do instead, for what they allow.
     */
    public int startHttps(KilnConfiguration configuration, ListenerTls tls, DataFolder folder) {
        HttpServerOptions options = common().setUseAlpn(true);
        tls.require(options);
        if (configuration.oauth2().isEmpty()) {
            return start(configuration.https(), options, tls, this::byCertificate, "--port");
        }
        options.setClientAuth(ClientAuth.REQUEST);
        AccessTokens trusted = new AccessTokens(configuration.oauth2().get().trust(folder), InstantSource.system());
        tokens.add(trusted);
        return start(
                configuration.https(),
                options,
                tls,
                new AccessGate(vertx, trusted, HttpListeners::scope, callers, handler),
                "--port");
    }

    private void byCertificate(HttpServerRequest request) {
        handler.handle(request, callers.of(request));
    }

    /**
     * Uses the certificates and lists that were read anew for connections to come, and then ends those that they refuse: one that is
     * ended before could come back under the old.
     */
    Future<Void> reload(ListenerTls tls) {
        return Future.join(renewals.stream().map(Supplier::get).toList())
                .compose(_ -> vertx.executeBlocking(() -> end(tls)))
                .mapEmpty();
    }

    private int end(ListenerTls tls) {
        int ended = callers.retain(tls::accepts);
        if (ended > 0) {
            LOG.warn("{} connections are ended: their certificates are good no more", ended);
        }
        return ended;
    }

    /** What a request demands of an access token; null where it needs a client certificate. */
    private static @Nullable RequiredScope scope(HttpServerRequest request) {
        String path = String.valueOf(request.path());
        if (path.startsWith(NudmUeau.PREFIX)) {
            return NudmUeau.scope(path);
        }
        if (path.startsWith(NudrAuthenticationSubscription.PREFIX)) {
            return NudrAuthenticationSubscription.scope(request.method());
        }
        return path.startsWith(GrpcVectors.PREFIX) ? GrpcVectors.SCOPE : null;
    }

    /**
     * Starts the laboratory listener, HTTP/1.1 and HTTP/2 by prior knowledge, and returns its port.
     *
     * @throws ConfigurationException if it would be reachable from outside this machine
     */
    public int startLab(KilnConfiguration.Listener listener) {
        if (!isLoopback(listener.host())) {
            throw new ConfigurationException("lab.host is " + listener.host()
                    + ", but the laboratory listener has no TLS and binds to loopback only: use 127.0.0.1");
        }
        return start(listener, common(), null, this::byCertificate, "--lab-port");
    }

    static boolean isLoopback(String host) {
        return Set.of("127.0.0.1", "localhost", "::1").contains(host);
    }

    private static HttpServerOptions common() {
        return new HttpServerOptions()
                .setMaxHeaderSize(LARGEST_HEADERS)
                .setIdleTimeout(IDLE_SECONDS)
                .setTcpNoDelay(true);
    }

    private int start(
            KilnConfiguration.Listener listener,
            HttpServerOptions options,
            @Nullable ListenerTls tls,
            Handler<HttpServerRequest> first,
            String portOption) {
        AtomicInteger port = new AtomicInteger();
        int requested = listener.port() == 0 ? --freePort : listener.port();
        try {
            vertx.deployVerticle(
                            () -> new Instance(options, tls, first, listener.host(), requested, port),
                            new DeploymentOptions().setInstances(eventLoops()))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof BindException) {
                throw new ConfigurationException(
                        "port " + listener.port() + " on " + listener.host()
                                + " is taken; stop the program that has it or choose another with " + portOption,
                        e);
            }
            throw e;
        }
        return port.get();
    }

    private static int eventLoops() {
        return Math.max(1, Runtime.getRuntime().availableProcessors());
    }

    /** Takes no more connections and requests, and waits for the answers to those that it has (GOAWAY in HTTP/2). */
    public void close() {
        Future.all(servers.stream()
                        .map(server -> server.shutdown(DRAIN_SECONDS, TimeUnit.SECONDS))
                        .toList())
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        tokens.forEach(AccessTokens::close);
    }

    /** One event loop's share of a listener. */
    private final class Instance extends VerticleBase {

        private final HttpServerOptions options;
        private final @Nullable ListenerTls tls;
        private final Handler<HttpServerRequest> first;
        private final String host;
        private final int requested;
        private final AtomicInteger port;

        Instance(
                HttpServerOptions options,
                @Nullable ListenerTls tls,
                Handler<HttpServerRequest> first,
                String host,
                int requested,
                AtomicInteger port) {
            this.options = options;
            this.tls = tls;
            this.first = first;
            this.host = host;
            this.requested = requested;
            this.port = port;
        }

        @Override
        public Future<?> start() {
            HttpServer server = vertx.createHttpServer(options)
                    .connectionHandler(connection -> {
                        LingeringClose.of(connection);
                        callers.connected(connection);
                    })
                    .requestHandler(first);
            servers.add(server);
            if (tls != null) {
                renewals.add(() -> tls.renew(options.getSslOptions(), server::updateSSLOptions));
            }
            return server.listen(requested, host).onSuccess(started -> port.set(started.actualPort()));
        }
    }
}
