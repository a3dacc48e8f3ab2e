package org.kiln.kms.server;

import io.vertx.core.Future;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.token.JcaToken;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS as every listener of a node has it: the server's key in the token, a client certificate required, checked by PKIX (RFC 5280)
 * with revocation lists where the configuration names some. The files may change while the node serves.
 */
public final class ListenerTls {

    private static final Logger LOG = LoggerFactory.getLogger(ListenerTls.class);

    /** The server's key is on P-256: suites of TLS 1.3, and those of 1.2 with ephemeral keys and authenticated encryption. */
    private static final List<String> SUITES = List.of(
            "TLS_AES_256_GCM_SHA384",
            "TLS_AES_128_GCM_SHA256",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");

    private final KilnConfiguration.Tls settings;
    private final JcaToken token;
    private final DataFolder folder;
    private Map<String, byte[]> read;
    private volatile Material material;

    /** @throws ConfigurationException naming the file that cannot be used */
    public ListenerTls(KilnConfiguration.Tls settings, JcaToken token, DataFolder folder) {
        this.settings = settings;
        this.token = token;
        this.folder = folder;
        read = files();
        material = material(read);
    }

    private record Material(
            TokenKeyManager key, X509TrustManager trust, List<Expiry> certificates, List<Expiry> lists) {}

    /** Until when the server's certificate and its authorities' are good. */
    public Stream<Expiry> certificates() {
        return material.certificates.stream();
    }

    /** Until when the authorities' revocation lists are. */
    public Stream<Expiry> revocationLists() {
        return material.lists.stream();
    }

    /** Sets a listener up. */
    void require(NetServerOptions options) {
        Material now = material;
        SUITES.forEach(options::addEnabledCipherSuite);
        options.setSsl(true)
                .setClientAuth(ClientAuth.REQUIRED)
                .setKeyCertOptions(KeyCertOptions.wrap(now.key))
                .setTrustOptions(TrustOptions.wrap(now.trust))
                .setEnabledSecureTransportProtocols(settings.versions())
                .setSslEngineOptions(new JdkSSLEngineOptions().setUseWorkerThread(true));
    }

    /** Whether a chain of certificates that was good when its connection came about still is. */
    boolean accepts(List<X509Certificate> chain) {
        try {
            material.trust.checkClientTrusted(
                    chain.toArray(X509Certificate[]::new),
                    chain.getFirst().getPublicKey().getAlgorithm());
            return true;
        } catch (CertificateException e) {
            return false;
        }
    }

    /**
     * Reads the files anew. Files that cannot be used are named in the log, and what was read before stays in use.
     *
     * @return whether they have changed and are used now
     */
    synchronized boolean reload() {
        try {
            Map<String, byte[]> now = files();
            if (same(read, now)) {
                return false;
            }
            read = now;
            material = material(now);
            LOG.info("TLS certificates and revocation lists are read anew");
            return true;
        } catch (ConfigurationException e) {
            LOG.error("what was read before stays in use: {}", e.getMessage());
            return false;
        }
    }

    /** Has a listener use what was read last; sessions of before are not resumed. Done when the listener does, or has refused. */
    Future<Boolean> renew(ServerSSLOptions options, BiFunction<ServerSSLOptions, Boolean, Future<Boolean>> update) {
        Material now = material;
        return update.apply(
                        options.copy()
                                .setKeyCertOptions(KeyCertOptions.wrap(now.key))
                                .setTrustOptions(TrustOptions.wrap(now.trust)),
                        true)
                .onFailure(e -> LOG.error("a listener keeps its old certificates: {}", e.getMessage()))
                .otherwise(false);
    }

    private static boolean same(Map<String, byte[]> before, Map<String, byte[]> now) {
        return before.keySet().equals(now.keySet())
                && before.entrySet().stream().allMatch(each -> Arrays.equals(each.getValue(), now.get(each.getKey())));
    }

    private Map<String, byte[]> files() {
        Map<String, byte[]> content = new HashMap<>();
        Stream.of(settings.authorities(), settings.crl(), settings.certificate())
                .filter(name -> !name.isEmpty())
                .forEach(name -> content.put(name, content(folder.resolve(name))));
        return content;
    }

    private static byte[] content(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new ConfigurationException("tls: " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private Material material(Map<String, byte[]> files) {
        List<X509Certificate> chain = chain(files);
        Set<X509Certificate> authorities = authorities(files);
        Collection<? extends CRL> lists = lists(files);
        return new Material(
                new TokenKeyManager(token, KeyLabels.TLS_SERVER, chain),
                trust(authorities, lists),
                Stream.concat(
                                chain.stream().map(each -> Expiry.of("server", each)),
                                authorities.stream().map(each -> Expiry.of("authority", each)))
                        .toList(),
                lists.stream().flatMap(list -> due(list).stream()).toList());
    }

    private static Optional<Expiry> due(CRL list) {
        return list instanceof X509CRL x509 && x509.getNextUpdate() != null
                ? Optional.of(new Expiry(
                        "authority",
                        x509.getIssuerX500Principal().getName(),
                        x509.getNextUpdate().toInstant()))
                : Optional.empty();
    }

    private List<X509Certificate> chain(Map<String, byte[]> files) {
        X509Certificate own = token.certificate(KeyLabels.TLS_SERVER);
        byte[] file = files.get(settings.certificate());
        if (file == null) {
            return List.of(own);
        }
        List<X509Certificate> chain = certificates("tls.certificate", settings.certificate(), file);
        if (!chain.getFirst().getPublicKey().equals(own.getPublicKey())) {
            throw new ConfigurationException("tls.certificate: the first certificate of " + settings.certificate()
                    + " is not of the token's key '" + KeyLabels.TLS_SERVER + "'");
        }
        return chain;
    }

    private static List<X509Certificate> certificates(String setting, String name, byte[] file) {
        try {
            List<X509Certificate> found =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(file))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (!found.isEmpty()) {
                return found;
            }
        } catch (GeneralSecurityException e) {
            throw new ConfigurationException(setting + ": " + name + " is malformed: " + e.getMessage(), e);
        }
        throw new ConfigurationException(setting + ": " + name + " holds no certificate");
    }

    private Set<X509Certificate> authorities(Map<String, byte[]> files) {
        return Set.copyOf(
                certificates("tls.authorities", settings.authorities(), content(files, settings.authorities())));
    }

    private Collection<? extends CRL> lists(Map<String, byte[]> files) {
        if (settings.crl().isEmpty()) {
            return List.of();
        }
        try {
            var lists = CertificateFactory.getInstance("X.509")
                    .generateCRLs(new ByteArrayInputStream(content(files, settings.crl())));
            if (lists.isEmpty()) {
                throw new ConfigurationException("tls.crl: " + settings.crl() + " holds no revocation list");
            }
            return lists;
        } catch (GeneralSecurityException e) {
            throw new ConfigurationException("tls: the authorities or lists are malformed: " + e.getMessage(), e);
        }
    }

    private X509TrustManager trust(Set<X509Certificate> authorities, Collection<? extends CRL> lists) {
        Set<TrustAnchor> anchors =
                authorities.stream().map(each -> new TrustAnchor(each, null)).collect(Collectors.toUnmodifiableSet());
        try {
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
            parameters.setRevocationEnabled(!settings.crl().isEmpty());
            if (!settings.crl().isEmpty()) {
                parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists)));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(new CertPathTrustManagerParameters(parameters));
            for (TrustManager each : factory.getTrustManagers()) {
                if (each instanceof X509TrustManager found) {
                    return found;
                }
            }
            throw new IllegalStateException("PKIX has no X509TrustManager");
        } catch (GeneralSecurityException e) {
            throw new ConfigurationException("tls: the authorities or lists are malformed: " + e.getMessage(), e);
        }
    }

    private static byte[] content(Map<String, byte[]> files, String name) {
        byte[] content = files.get(name);
        if (content == null) {
            throw new IllegalStateException(name);
        }
        return content;
    }
}
