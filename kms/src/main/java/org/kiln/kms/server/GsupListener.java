package org.kiln.kms.server;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import java.net.BindException;
import java.util.concurrent.CompletionException;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.gsup.GsupConnection;
import org.kiln.token.JcaToken;

/** The port at which an Osmocom core finds its AuC: on loopback, or with TLS and client certificates. */
public final class GsupListener implements AutoCloseable {

    private static final int IDLE_SECONDS = 300;

    private final NetServer server;

    private GsupListener(NetServer server) {
        this.server = server;
    }

    /**
     * Starts listening.
     *
     * @throws ConfigurationException if it would give vectors to other machines without TLS, or the port is taken
     */
    public static GsupListener start(
            Vertx vertx, KilnConfiguration.Gsup gsup, AuthenticationCentre centre, JcaToken token, DataFolder folder) {
        requireSheltered(gsup);
        NetServerOptions options =
                new NetServerOptions().setIdleTimeout(IDLE_SECONDS).setTcpNoDelay(true);
        if (gsup.tls()) {
            MutualTls.require(options, token, folder);
        }
        NetServer server =
                vertx.createNetServer(options).connectHandler(socket -> GsupConnection.serve(vertx, socket, centre));
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
        return new GsupListener(server);
    }

    static void requireSheltered(KilnConfiguration.Gsup gsup) {
        if (!gsup.tls() && !HttpListeners.isLoopback(gsup.host())) {
            throw new ConfigurationException("gsup.host is " + gsup.host()
                    + ", but without TLS whoever reaches it gets vectors: use 127.0.0.1, or set gsup.tls to true and put a"
                    + " TLS tunnel before the Osmocom core");
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
