package org.kiln.kms.server;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;

/** Looks every few seconds whether certificates and revocation lists have changed, and has the listeners use them. */
public final class TlsWatch {

    private static final long LOOK_MILLIS = 5_000;

    private TlsWatch() {}

    /** Begins to watch; ends with {@code vertx}. */
    public static void begin(Vertx vertx, ListenerTls tls, HttpListeners http, Optional<GsupListener> gsup) {
        vertx.setPeriodic(LOOK_MILLIS, _ -> look(vertx, tls, http, gsup));
    }

    /** Looks once; done when the listeners use what was read, and the connections that it refuses are ended. */
    static Future<Void> look(Vertx vertx, ListenerTls tls, HttpListeners http, Optional<GsupListener> gsup) {
        return vertx.executeBlocking(tls::reload)
                .compose(changed -> Boolean.TRUE.equals(changed)
                        ? Future.join(
                                        http.reload(tls),
                                        gsup.map(listener -> listener.reload(tls))
                                                .orElseGet(Future::succeededFuture))
                                .<Void>mapEmpty()
                        : Future.succeededFuture());
    }
}
