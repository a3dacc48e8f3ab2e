package org.kiln.kms.server;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.net.BindException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.access.AccessRules;
import org.kiln.kms.access.Principal;
import org.kiln.kms.api.Callers;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.gsup.GsupConnection;
import org.kiln.kms.gsup.GsupPatience;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port at which an Osmocom core finds its AuC: on loopback, or with TLS and client certificates. */
public final class GsupListener implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GsupListener.class);
    private static final int IDLE_SECONDS = 300;

    private final Vertx vertx;
    private final NetServer server;
    private final NetServerOptions options;
    private final AccessRules rules;
    private final Map<NetSocket, List<X509Certificate>> peers = new ConcurrentHashMap<>();

    private GsupListener(
            Vertx vertx,
            NetServerOptions options,
            AuthenticationCentre centre,
            AccessRules rules,
            GsupPatience patience) {
        this.vertx = vertx;
        this.options = options;
        this.rules = rules;
        server = vertx.createNetServer(options).connectHandler(socket -> {
            Principal peer = principal(socket);
            boolean counted = peer.connected();
            socket.closeHandler(closed -> {
                peers.remove(socket);
                if (counted) {
                    peer.disconnected();
                }
            });
            if (counted) {
                JoinedFlushes.of(socket);
                GsupConnection.serve(vertx, socket, centre, peer, patience);
            } else {
                LOG.warn(
                        "GSUP peer {} is disconnected: '{}' has too many connections",
                        socket.remoteAddress(),
                        peer.name());
                socket.close();
            }
        });
    }

    /** The laboratory's where there is no TLS. */
    private Principal principal(NetSocket socket) {
        if (!socket.isSsl()) {
            return rules.laboratory();
        }
        List<X509Certificate> chain = Callers.chain(socket.sslSession());
        peers.put(socket, chain);
        return chain.isEmpty() ? rules.nobody() : rules.ofCertificate(chain.getFirst());
    }

    /** Uses the certificates and lists that were read anew for connections to come, and then ends those that they refuse. */
    Future<Void> reload(ListenerTls tls) {
        return options.isSsl()
                ? tls.renew(options.getSslOptions(), server::updateSSLOptions)
                        .compose(_ -> vertx.executeBlocking(() -> end(tls)))
                        .mapEmpty()
                : Future.succeededFuture();
    }

    private boolean end(ListenerTls tls) {
        peers.forEach((socket, chain) -> {
            if (!tls.accepts(chain)) {
                LOG.warn("GSUP peer {} is disconnected: its certificate is good no more", socket.remoteAddress());
                socket.close();
            }
        });
        return true;
    }

    /**
     * Starts listening.
     *
     * @param laboratory whether vectors may be had without TLS, on this machine
     * @throws ConfigurationException if it would give vectors without TLS elsewhere, or the port is taken
     */
    public static GsupListener start(
            Vertx vertx,
            KilnConfiguration.Gsup gsup,
            AuthenticationCentre centre,
            ListenerTls tls,
            AccessRules rules,
            boolean laboratory) {
        return start(vertx, gsup, centre, tls, rules, laboratory, GsupPatience.USUAL);
    }

    static GsupListener start(
            Vertx vertx,
            KilnConfiguration.Gsup gsup,
            AuthenticationCentre centre,
            @Nullable ListenerTls tls,
            AccessRules rules,
            boolean laboratory,
            GsupPatience patience) {
        requireSheltered(gsup, laboratory);
        NetServerOptions options = new NetServerOptions()
                .setIdleTimeout(IDLE_SECONDS)
                .setSslHandshakeTimeout(Patience.Limits.USUAL.handshake())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setTcpNoDelay(true);
        if (gsup.tls()) {
            Objects.requireNonNull(tls).require(options);
        }
        GsupListener listener = new GsupListener(vertx, options, centre, rules, patience);
        listener.listen(gsup);
        return listener;
    }

    private void listen(KilnConfiguration.Gsup gsup) {
        try {
            server.listen(gsup.port(), gsup.host())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof BindException) {
                throw new ConfigurationException(
                        "port " + gsup.port() + " on " + gsup.host() + " cannot be had for GSUP; stop the program that"
                                + " has it (osmo-hlr uses 4222 too) or choose another in gsup.port",
                        e);
            }
            throw e;
        }
    }

    /**
     * Checks what can be checked before anything is opened.
     *
     * @param laboratory whether vectors may be had without TLS, on this machine
     * @throws ConfigurationException if it would give vectors without TLS elsewhere
     */
    public static void requireSheltered(KilnConfiguration.Gsup gsup, boolean laboratory) {
        if (!gsup.enabled()) {
            return;
        }
        if (!gsup.tls() && !HttpListeners.isLoopback(gsup.host())) {
            throw new ConfigurationException("gsup.host is " + gsup.host()
                    + ", but without TLS whoever reaches it gets vectors: use 127.0.0.1, or set gsup.tls to true and put a"
                    + " TLS tunnel before the Osmocom core");
        }
        if (!gsup.tls() && !laboratory) {
            throw new ConfigurationException(
                    "gsup.tls is false, and without TLS every program on this machine gets vectors: set it to true and put"
                            + " a TLS tunnel before the Osmocom core, or start the laboratory with --lab");
        }
    }

    public int port() {
        return server.actualPort();
    }

    /** Stops taking connections and ends those there are. */
    @Override
    public void close() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }
}
