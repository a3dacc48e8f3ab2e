package org.kiln.kms.server;

import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
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

    /** Calls of one HTTP/2 connection that are open at once; it is told so in SETTINGS. */
    private static final int STREAMS = 1_000;

    /** Streams of one HTTP/2 connection that may be reset in ten seconds, by the peer or for his faults (CVE-2023-44487, CVE-2025-8671). */
    private static final int RESETS = 400;

    private static final int RESETS_SECONDS = 10;

    /** To Vert.x each negative number is a free port of its own, which all instances of a listener share. */
    private static final AtomicInteger FREE_PORT = new AtomicInteger();

    private static final Logger LOG = LoggerFactory.getLogger(HttpListeners.class);

    private final Vertx vertx;
    private final Callers callers;
    private final CallerHandler handler;
    private final Patience.Limits limits;
    private final List<AccessTokens> tokens = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<HttpServer> servers = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<Supplier<Future<Boolean>>> renewals = new CopyOnWriteArrayList<>();

    /** @param handler is told who calls */
    public HttpListeners(Vertx vertx, Callers callers, CallerHandler handler) {
        this(vertx, callers, handler, Patience.Limits.USUAL);
    }

    HttpListeners(Vertx vertx, Callers callers, CallerHandler handler, Patience.Limits limits) {
        this.vertx = vertx;
        this.callers = callers;
        this.handler = handler;
        this.limits = limits;
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

    private HttpServerOptions common() {
        return new HttpServerOptions()
                .setMaxHeaderSize(LARGEST_HEADERS)
                .setIdleTimeout(IDLE_SECONDS)
                .setSslHandshakeTimeout(limits.handshake())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setInitialSettings(
                        new Http2Settings().setMaxConcurrentStreams(STREAMS).setMaxHeaderListSize(LARGEST_HEADERS))
                .setHttp2RstFloodMaxRstFramePerWindow(RESETS)
                .setHttp2RstFloodWindowDuration(RESETS_SECONDS)
                .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
                .setTcpNoDelay(true);
    }

    private int start(
            KilnConfiguration.Listener listener,
            HttpServerOptions options,
            @Nullable ListenerTls tls,
            Handler<HttpServerRequest> first,
            String portOption) {
        AtomicInteger port = new AtomicInteger();
        int requested = listener.port() == 0 ? FREE_PORT.decrementAndGet() : listener.port();
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
        private final Patience patience = new Patience(limits, System::nanoTime);

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

        private void connected(HttpConnection connection) {
            LingeringClose.of(connection);
            bound(connection);
            patience.connected(connection);
            if (callers.connected(connection, () -> patience.closed(connection))) {
                JoinedFlushes.of(connection);
            }
        }

        /** Netty holds a peer to what SETTINGS say once he has acknowledged them; who never does would have no bound. */
        private static void bound(HttpConnection connection) {
            if (connection instanceof HttpServerConnection served
                    && served.channelHandlerContext().handler() instanceof Http2ConnectionHandler http2) {
                http2.connection().remote().maxActiveStreams(STREAMS);
            }
        }

        /**
         * Netty takes a {@code transfer-encoding} beside a {@code content-length} and drops the latter, so that nobody behind it can tell: the
         * connection ends after such a request (RFC 9112 clause 6.1), and what follows its body is served to nobody.
         */
        private void begun(HttpServerRequest request) {
            patience.begun(request);
            if (request.version() != HttpVersion.HTTP_2 && request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
                request.connection()
                        .shutdown(limits.upload() + TimeUnit.SECONDS.toMillis(DRAIN_SECONDS), TimeUnit.MILLISECONDS);
            }
            first.handle(request);
        }

        @Override
        public Future<?> start() {
            HttpServer server = vertx.createHttpServer(options)
                    .connectionHandler(this::connected)
                    .requestHandler(this::begun);
            vertx.setPeriodic(limits.look(), tick -> patience.look());
            servers.add(server);
            if (tls != null) {
                renewals.add(() -> tls.renew(options.getSslOptions(), server::updateSSLOptions));
            }
            return server.listen(requested, host).onSuccess(started -> port.set(started.actualPort()));
        }
    }
}
