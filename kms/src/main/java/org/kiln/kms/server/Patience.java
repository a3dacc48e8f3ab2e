package org.kiln.kms.server;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.kiln.kms.api.ApprovalRoutes;
import org.kiln.kms.api.NudmUeau;
import org.kiln.kms.api.NudrAuthenticationSubscription;
import org.kiln.kms.grpc.GrpcVectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long peers may take: a connection until its first request has come, a request until its body has. What takes longer is ended,
 * the stream in HTTP/2, the connection in HTTP/1. A stream of gRPC may last. For one event loop.
 */
final class Patience {

    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
    private static final long CANCEL = 0x8;

    /**
     * How long each may take, in milliseconds.
     *
     * @param handshake until TLS has come about
     * @param firstRequest from the connection's beginning until the head of the first request is whole
     * @param body a body of the authentication centre, which is some kilobytes at most
     * @param upload a body of the rooms above
     * @param look how often {@link Patience#look} is to be called
     */
    record Limits(int handshake, int firstRequest, int body, int upload, int look) {

        static final Limits USUAL = new Limits(10_000, 30_000, 10_000, 600_000, 1_000);
    }

    private final Map<HttpConnection, Long> silent = new LinkedHashMap<>();
    private final Map<HttpServerRequest, Long> bodies = new LinkedHashMap<>();
    private final Map<HttpServerRequest, Long> uploads = new LinkedHashMap<>();
    private final Limits limits;
    private final LongSupplier nanoTime;

    /** @param nanoTime a clock as {@link System#nanoTime} */
    Patience(Limits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    void connected(HttpConnection connection) {
        silent.put(connection, nanoTime.getAsLong());
    }

    void closed(HttpConnection connection) {
        silent.remove(connection);
    }

    /** The head of a request is here. */
    void begun(HttpServerRequest request) {
        if (!silent.isEmpty()) {
            silent.remove(request.connection());
        }
        String path = String.valueOf(request.path());
        if (GrpcVectors.mayLast(path)) {
            return;
        }
        Map<HttpServerRequest, Long> waiting = isShort(path) ? bodies : uploads;
        waiting.put(request, nanoTime.getAsLong());
        request.end().onComplete(ended -> waiting.remove(request));
    }

    private static boolean isShort(String path) {
        return path.startsWith(NudmUeau.PREFIX)
                || path.startsWith(GrpcVectors.PREFIX)
                || path.startsWith(NudrAuthenticationSubscription.PREFIX)
                || path.startsWith(ApprovalRoutes.PREFIX);
    }

    /** Ends what has taken too long. */
    void look() {
        long now = nanoTime.getAsLong();
        end(silent, now, limits.firstRequest, connection -> {
            LOG.info("the connection of {} is ended: no request came", connection.remoteAddress());
            connection.close();
        });
        end(bodies, now, limits.body, Patience::end);
        end(uploads, now, limits.upload, Patience::end);
    }

    private static void end(HttpServerRequest request) {
        LOG.info("a request of {} is ended: its body did not come", request.remoteAddress());
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset(CANCEL);
        } else {
            request.connection().close();
        }
    }

    private interface Ending<T> {
        void end(T peer);
    }

    /** The first to begin are the first in the map. */
    private static <T> void end(Map<T, Long> waiting, long now, int millis, Ending<T> ending) {
        long before = now - TimeUnit.MILLISECONDS.toNanos(millis);
        while (!waiting.isEmpty()) {
            Iterator<Map.Entry<T, Long>> first = waiting.entrySet().iterator();
            Map.Entry<T, Long> eldest = first.next();
            if (eldest.getValue() - before > 0) {
                return;
            }
            T peer = eldest.getKey();
            first.remove();
            ending.end(peer);
        }
    }
}
