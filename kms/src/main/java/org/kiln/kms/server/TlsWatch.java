package org.kiln.kms.server;

import io.vertx.core.Vertx;
import java.util.Optional;

/** Looks every few seconds whether certificates and revocation lists have changed, and has the listeners use them. */
public final class TlsWatch {

    private static final long LOOK_MILLIS = 5_000;

    private TlsWatch() {}

    /** Begins to watch; ends with {@code vertx}. */
    public static void begin(Vertx vertx, ListenerTls tls, HttpListeners http, Optional<GsupListener> gsup) {
        vertx.setPeriodic(
                LOOK_MILLIS,
                tick -> vertx.executeBlocking(() -> {
                    look(tls, http, gsup);
                    return tls;
                }));
    }

    /** Looks once. */
    static void look(ListenerTls tls, HttpListeners http, Optional<GsupListener> gsup) {
        if (tls.reload()) {
            http.reload(tls);
            gsup.ifPresent(listener -> listener.reload(tls));
        }
    }
}
