package org.kiln.kms.api;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.access.AccessRules;
import org.kiln.kms.access.Principal;

/**
 * Tells who calls: by the client certificate, which is looked at once for each connection; or by a header where the
 * laboratory's listener has no certificates.
 */
public final class Callers {

    /** Names the caller at the laboratory's listener; who sends none is {@link AccessRules#laboratory}. */
    public static final String LABORATORY_HEADER = "kiln-caller";

    private final AccessRules rules;
    private final Map<HttpConnection, Peer> peers = new ConcurrentHashMap<>();

    public Callers(AccessRules rules) {
        this.rules = rules;
    }

    /** Whom a connection is with; no certificates if it has shown none. */
    private record Peer(Principal principal, List<X509Certificate> chain) {}

    /** Looks at the certificate of a connection that has just come about. */
    public void connected(HttpConnection connection) {
        var _ = connected(connection, () -> {});
    }

    /**
     * As {@link #connected(HttpConnection)}; ends it if its caller has too many.
     *
     * @param closed runs when the connection has ended
     * @return false if it is being ended
     */
    public boolean connected(HttpConnection connection, Runnable closed) {
        if (!connection.isSsl()) {
            connection.closeHandler(ended -> closed.run());
            return true;
        }
        Peer peer = peer(connection.sslSession());
        peers.put(connection, peer);
        boolean counted = peer.principal.connected();
        connection.closeHandler(ended -> {
            peers.remove(connection);
            if (counted) {
                peer.principal.disconnected();
            }
            closed.run();
        });
        if (!counted) {
            connection.close();
        }
        return counted;
    }

    /** Who sends a request. */
    public Principal of(HttpServerRequest request) {
        HttpConnection connection = request.connection();
        if (connection.isSsl()) {
            Peer peer = peers.get(connection);
            return peer == null ? rules.nobody() : peer.principal;
        }
        String name = request.getHeader(LABORATORY_HEADER);
        return name == null ? rules.laboratory() : rules.named(name);
    }

    /** Whether the connection of a request has shown a certificate. */
    boolean hasCertificate(HttpServerRequest request) {
        Peer peer = peers.get(request.connection());
        return peer != null && !peer.chain.isEmpty();
    }

    /** Who shows an access token. */
    Principal ofNetworkFunction(String instance) {
        return rules.ofNetworkFunction(instance);
    }

    /** Ends the connections whose certificates are no longer good; returns how many. */
    public int retain(Predicate<List<X509Certificate>> good) {
        List<HttpConnection> bad = peers.entrySet().stream()
                .filter(each -> !each.getValue().chain.isEmpty() && !good.test(each.getValue().chain))
                .map(Map.Entry::getKey)
                .toList();
        bad.forEach(HttpConnection::close);
        return bad.size();
    }

    private Peer peer(@Nullable SSLSession session) {
        List<X509Certificate> chain = chain(session);
        return new Peer(chain.isEmpty() ? rules.nobody() : rules.ofCertificate(chain.getFirst()), chain);
    }

    /** The certificates that a peer has shown, his own first; empty if none. */
    public static List<X509Certificate> chain(@Nullable SSLSession session) {
        try {
            Certificate[] shown = session == null ? new Certificate[0] : session.getPeerCertificates();
            return List.of(shown).stream()
                    .filter(X509Certificate.class::isInstance)
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }
}
