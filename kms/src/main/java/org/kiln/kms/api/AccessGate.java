package org.kiln.kms.api;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.oauth2.AccessToken;
import org.kiln.kms.oauth2.AccessTokenException;
import org.kiln.kms.oauth2.AccessTokens;
import org.kiln.kms.oauth2.RequiredScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Before a listener that asks for client certificates and takes access tokens too (TS 29.500 clause 6.7.3): lets a request
 * through that bears a token of the scope its path demands; and one that bears none, if its connection has a client
 * certificate. A token is judged even where there is a certificate. Refusals are those of RFC 6750.
 */
public final class AccessGate implements Handler<HttpServerRequest> {

    private static final Logger LOG = LoggerFactory.getLogger(AccessGate.class);
    private static final String BEARER = "Bearer ";
    private static final String CHALLENGE = "Bearer realm=\"kiln\"";

    private final Vertx vertx;
    private final AccessTokens tokens;
    private final Function<HttpServerRequest, @Nullable RequiredScope> scopes;
    private final Callers callers;
    private final CallerHandler behind;

    /**
     * @param scopes what a request demands of a token; null where a token opens nothing
     * @param behind gets the requests that are let through
     */
    public AccessGate(
            Vertx vertx,
            AccessTokens tokens,
            Function<HttpServerRequest, @Nullable RequiredScope> scopes,
            Callers callers,
            CallerHandler behind) {
        this.vertx = vertx;
        this.callers = callers;
        this.tokens = tokens;
        this.scopes = scopes;
        this.behind = behind;
    }

    @Override
    public void handle(HttpServerRequest request) {
        RequiredScope scope = scopes.apply(request);
        String token = scope == null ? null : bearerToken(request);
        if (scope == null || token == null) {
            byCertificate(request, scope);
            return;
        }
        AccessToken known = tokens.known(token);
        if (known != null) {
            byToken(request, scope, known);
            return;
        }
        request.pause();
        Context context = vertx.getOrCreateContext();
        Future.fromCompletionStage(tokens.verify(token), context)
                .onSuccess(verified -> byToken(request, scope, verified))
                .onFailure(why -> refuse(request, why))
                .onComplete(done -> request.resume());
    }

    private static @Nullable String bearerToken(HttpServerRequest request) {
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        return authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? null
                : authorization.substring(BEARER.length()).strip();
    }

    private void byCertificate(HttpServerRequest request, @Nullable RequiredScope scope) {
        if (callers.hasCertificate(request)) {
            behind.handle(request, callers.of(request));
        } else if (scope == null) {
            refuse(request, Problem.of(Cause.CLIENT_CERTIFICATE_REQUIRED, "connect with a client certificate"), null);
        } else {
            refuse(
                    request,
                    Problem.of(
                            Cause.AUTHENTICATION_REQUIRED,
                            "connect with a client certificate, or bear an access token of the NRF's"),
                    CHALLENGE);
        }
    }

    private void byToken(HttpServerRequest request, RequiredScope scope, AccessToken token) {
        if (scope.isGrantedBy(token.scopes())) {
            behind.handle(request, callers.ofNetworkFunction(token.subject()));
        } else {
            refuse(
                    request,
                    Problem.of(
                            Cause.INSUFFICIENT_SCOPE,
                            "the access token does not allow this; ask the NRF for its scope"),
                    CHALLENGE + ", error=\"insufficient_scope\", scope=\"" + scope.service() + "\"");
        }
    }

    private static void refuse(HttpServerRequest request, Throwable why) {
        switch (why) {
            case AccessTokenException _ -> {
                LOG.debug("an access token is refused: {}", why.getMessage());
                refuse(
                        request,
                        Problem.of(Cause.INVALID_TOKEN, "the access token is not good here; get another from the NRF"),
                        CHALLENGE + ", error=\"invalid_token\"");
            }
            case RejectedExecutionException _ ->
                refuse(request, Problem.of(Cause.NF_CONGESTION, "too many access tokens wait to be verified"), null);
            default -> {
                request.handler(chunk -> {});
                Responses.failure(request.response(), why);
            }
        }
    }

    private static void refuse(HttpServerRequest request, Problem problem, @Nullable String challenge) {
        request.handler(chunk -> {});
        HttpServerResponse response = request.response();
        if (challenge != null) {
            response.putHeader("www-authenticate", challenge);
        }
        Responses.problem(response, problem);
    }
}
