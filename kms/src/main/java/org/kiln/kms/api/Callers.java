package org.kiln.kms.api;

import io.vertx.core.http.HttpServerRequest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;

/** Tells who calls: by the client certificate, or by a header where the laboratory's listener has no certificates. */
public final class Callers {

    /** Names the caller at the laboratory's listener. */
    public static final String LABORATORY_HEADER = "kiln-caller";

    private final Map<String, Caller> byName;

    public Callers(List<Caller> callers) {
        byName = callers.stream().collect(Collectors.toUnmodifiableMap(Caller::name, Function.identity()));
    }

    /**
     * The caller, who has one of these roles.
     *
     * @throws ProblemException 401 if nobody is known by what the request shows; 403 if his role does not do
     */
    public Caller require(HttpServerRequest request, Set<Role> roles) {
        Caller caller = name(request)
                .map(byName::get)
                .orElseThrow(() -> new ProblemException(Problem.of(
                        Cause.CALLER_UNKNOWN,
                        "nobody is known by this certificate; 'callers' in kiln.yaml lists who may call")));
        if (!roles.contains(caller.role())) {
            throw new ProblemException(
                    Problem.of(Cause.ROLE_NEEDED, "this is not for the role of '" + caller.name() + "'"));
        }
        return caller;
    }

    private static Optional<String> name(HttpServerRequest request) {
        if (!request.isSSL()) {
            return Optional.ofNullable(request.getHeader(LABORATORY_HEADER));
        }
        SSLSession session = request.connection().sslSession();
        try {
            Certificate[] chain = session == null ? new Certificate[0] : session.getPeerCertificates();
            return Arrays.stream(chain)
                    .findFirst()
                    .filter(X509Certificate.class::isInstance)
                    .map(X509Certificate.class::cast)
                    .flatMap(Callers::commonName);
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> commonName(X509Certificate certificate) {
        RDN[] names = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded())
                .getRDNs(BCStyle.CN);
        return names.length == 1 ? Optional.of(names[0].getFirst().getValue().toString()) : Optional.empty();
    }
}
