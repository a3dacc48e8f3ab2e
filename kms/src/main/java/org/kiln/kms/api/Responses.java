package org.kiln.kms.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.StreamResetException;
import org.kiln.kms.access.AccessException;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.auc.AuthenticationException;
import org.kiln.kms.hsm.TokenBusyException;
import org.kiln.kms.provisioning.ProvisioningException;
import org.kiln.kms.suci.SuciException;
import org.kiln.kms.trace.RequestScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends answers and turns failures into problem details. */
public final class Responses {

    private static final Logger LOG = LoggerFactory.getLogger(Responses.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final CharSequence APPLICATION_JSON = HttpHeaders.createOptimized("application/json");
    private static final CharSequence PROBLEM_JSON = HttpHeaders.createOptimized(Problem.MEDIA_TYPE);

    private static final String RETRY_AFTER_SECONDS = "1";

    private Responses() {}

    static void json(HttpServerResponse response, Buffer body) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, APPLICATION_JSON);
        end(response, body);
    }

    static void json(HttpServerResponse response, JsonNode body) {
        try {
            json(response, Buffer.buffer(JSON.writeValueAsBytes(body)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Answers with nothing but a status. */
    static void empty(HttpServerResponse response, int status) {
        end(response.setStatusCode(status), Buffer.buffer());
    }

    /** Answers with a text of the given media type. */
    public static void text(HttpServerResponse response, String mediaType, String body) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, mediaType);
        end(response, Buffer.buffer(body));
    }

    /** Answers with the problem that {@code failure} stands for. */
    public static void failure(HttpServerResponse response, Throwable failure) {
        retryAfter(response, failure);
        problem(response, problemOf(failure));
    }

    /** As {@link #failure(HttpServerResponse, Throwable)}, without a body where HEAD asked (RFC 9110 clause 9.3.2). */
    public static void failure(HttpServerRequest request, Throwable failure) {
        retryAfter(request.response(), failure);
        problem(request, problemOf(failure));
    }

    private static void retryAfter(HttpServerResponse response, Throwable failure) {
        if (failure instanceof AccessException refused
                && refused.refusal().isForNow()
                && !response.ended()
                && !response.closed()) {
            response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(refused.retryAfterSeconds()));
        }
    }

    /** As {@link #problem(HttpServerResponse, Problem)}, without a body where HEAD asked. */
    public static void problem(HttpServerRequest request, Problem problem) {
        HttpServerResponse response = request.response();
        if (!HttpMethod.HEAD.equals(request.method())) {
            problem(response, problem);
        } else if (!response.ended() && !response.closed()) {
            head(response, problem);
            end(response, Buffer.buffer());
        }
    }

    private static void head(HttpServerResponse response, Problem problem) {
        response.setStatusCode(problem.status()).putHeader(HttpHeaders.CONTENT_TYPE, PROBLEM_JSON);
        if ((problem.status() == 503 || problem.status() == 429)
                && !response.headers().contains(HttpHeaders.RETRY_AFTER)) {
            response.putHeader(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        RequestScope.loggedAs().ifPresent(id -> response.putHeader(RequestScope.REQUEST_ID_HEADER, id));
    }

    /** Answers with a problem. */
    public static void problem(HttpServerResponse response, Problem problem) {
        if (response.ended() || response.closed()) {
            return;
        }
        head(response, problem);
        try {
            end(response, Buffer.buffer(JSON.writeValueAsBytes(problem)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void end(HttpServerResponse response, Buffer body) {
        response.end(body).onFailure(e -> LOG.debug("the caller left before its answer: {}", e.getMessage()));
    }

    static Problem problemOf(Throwable failure) {
        return switch (failure) {
            case ProblemException e -> e.problem();
            case AccessException e -> refused(e);
            case HttpClosedException _, StreamResetException _ ->
                Problem.of(Cause.INVALID_MSG_FORMAT, "the request did not come to its end");
            case AuthenticationException.UnknownSubscriber e -> Problem.of(Cause.USER_NOT_FOUND, message(e));
            case AuthenticationException.UnknownEvent e -> Problem.of(Cause.DATA_NOT_FOUND, message(e));
            case AuthenticationException.Suspended e -> Problem.of(Cause.AUTHENTICATION_REJECTED, message(e));
            case AuthenticationException.Rejected e -> Problem.of(Cause.AUTHENTICATION_REJECTED, message(e));
            case AuthenticationException.TooManyResynchronisations e ->
                Problem.of(Cause.NF_CONGESTION_RISK, message(e));
            case AuthenticationException.Unavailable e -> Problem.of(Cause.NF_CONGESTION, message(e));
            case TokenBusyException e -> Problem.of(Cause.NF_CONGESTION, message(e));
            case AkaException.KindNotServed e -> Problem.of(Cause.AUTHENTICATION_REJECTED, message(e));
            case AkaException e -> {
                LOG.error("a subscriber cannot be served: {}", e.getMessage());
                yield Problem.of(Cause.SYSTEM_FAILURE, "the subscriber's algorithm cannot be served; see the log");
            }
            case AuthenticationException.RecordDamaged e -> Problem.of(Cause.SYSTEM_FAILURE, message(e));
            case ProvisioningException.UnknownSubscriber e -> Problem.of(Cause.USER_NOT_FOUND, message(e));
            case ProvisioningException.NotAllowed e -> Problem.of(Cause.MODIFICATION_NOT_ALLOWED, message(e));
            case ProvisioningException.Refused e -> SubscriptionJson.problem(e);
            case ProvisioningException.Missing e -> SubscriptionJson.problem(e);
            case ProvisioningException.Unavailable e -> Problem.of(Cause.NF_CONGESTION, message(e));
            case ProvisioningException.Damaged e -> Problem.of(Cause.SYSTEM_FAILURE, message(e));
            case SuciException.Malformed e -> Problem.incorrect("supiOrSuci", message(e));
            case SuciException.UnknownKey e -> Problem.of(Cause.INVALID_HN_PUBLIC_KEY_IDENTIFIER, message(e));
            case SuciException.InvalidOutput e -> Problem.of(Cause.INVALID_SCHEME_OUTPUT, message(e));
            case SuciException.UnsupportedScheme e -> Problem.of(Cause.UNSUPPORTED_PROTECTION_SCHEME, message(e));
            case SuciException.Unavailable e -> Problem.of(Cause.NF_CONGESTION, message(e));
            case SuciException.KeyMissing e -> Problem.of(Cause.SYSTEM_FAILURE, message(e));
            default -> {
                LOG.error("a request failed unexpectedly", failure);
                yield Problem.of(Cause.SYSTEM_FAILURE, "an unexpected failure; see the log");
            }
        };
    }

    private static Problem refused(AccessException e) {
        return switch (e.refusal()) {
            case UNKNOWN -> Problem.of(Cause.CALLER_UNKNOWN, message(e));
            case ROLE -> Problem.of(Cause.ROLE_NEEDED, message(e));
            case NETWORK -> Problem.of(Cause.FOREIGN_SUBSCRIBER, message(e));
            case RATE, CONNECTIONS, LOCKED_OUT -> Problem.of(Cause.NF_CONGESTION_RISK, message(e));
            case CONCURRENCY -> Problem.of(Cause.NF_CONGESTION, message(e));
        };
    }

    private static String message(RuntimeException e) {
        return String.valueOf(e.getMessage());
    }
}
