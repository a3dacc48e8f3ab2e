package org.kiln.personalisation.api;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.kiln.kms.access.Caller;
import org.kiln.kms.access.Role;
import org.kiln.kms.api.Callers;
import org.kiln.kms.api.Cause;
import org.kiln.kms.api.Problem;
import org.kiln.kms.api.RequestBody;
import org.kiln.kms.api.Responses;
import org.kiln.personalisation.document.Documents;

/**
 * How a route of this API works: the caller is known and has a role, the body is bounded, the work is done off the event
 * loop, and what it throws is answered as a problem.
 */
final class Endpoints {

    /** Where all routes begin. */
    static final String PREFIX = "/personalisation/v1";

    private static final String JSON = "application/json";
    private static final int LARGEST_DOCUMENT = 256 * 1024;

    private final Vertx vertx;
    private final Router router;
    private final Callers callers;
    private final Map<String, Set<String>> methods = new LinkedHashMap<>();

    Endpoints(Vertx vertx, Router router, Callers callers) {
        this.vertx = vertx;
        this.router = router;
        this.callers = callers;
    }

    /** Answers a request; runs on a worker thread, may wait and may throw. */
    @FunctionalInterface
    interface Work {
        Answer on(Call call);
    }

    /** Takes a request over on its event loop. */
    @FunctionalInterface
    interface Takeover {
        void take(Caller caller, RoutingContext context);
    }

    void get(String path, Set<Role> roles, Work work) {
        takeOver(HttpMethod.GET, path, roles, (caller, context) -> run(context, () -> work.on(call(caller, context))));
    }

    /** A route with a JSON body. */
    void send(HttpMethod method, String path, Set<Role> roles, Work work) {
        send(method, path, roles, JSON, LARGEST_DOCUMENT, work);
    }

    /** A route with a body of another media type. */
    void send(HttpMethod method, String path, Set<Role> roles, String mediaType, int limit, Work work) {
        takeOver(
                method,
                path,
                roles,
                (caller, context) -> RequestBody.read(context.request(), limit, mediaType)
                        .onSuccess(body -> run(context, () -> work.on(new Call(caller, body, context))))
                        .onFailure(failure -> Responses.failure(context.response(), failure)));
    }

    /** A route without a body. */
    void act(String path, Set<Role> roles, Work work) {
        takeOver(HttpMethod.POST, path, roles, (caller, context) -> run(context, () -> work.on(call(caller, context))));
    }

    void takeOver(HttpMethod method, String path, Set<Role> roles, Takeover takeover) {
        methods.computeIfAbsent(path, any -> new TreeSet<>()).add(method.name());
        router.route(method, PREFIX + path).handler(context -> {
            Caller caller;
            try {
                caller = callers.of(context.request()).as(roles);
            } catch (RuntimeException e) {
                Responses.failure(context.request(), e);
                return;
            }
            takeover.take(caller, context);
        });
    }

    /** Has other methods than those there are answered with 405; for when all routes are there. */
    void refuseOtherMethods() {
        methods.forEach((path, there) -> {
            String allowed = String.join(", ", there);
            router.route(PREFIX + path).handler(context -> {
                context.response().putHeader(HttpHeaders.ALLOW, allowed);
                Responses.problem(context.request(), Problem.of(Cause.METHOD_NOT_ALLOWED, "use " + allowed));
            });
        });
    }

    private static Call call(Caller caller, RoutingContext context) {
        return new Call(caller, Buffer.buffer(), context);
    }

    private void run(RoutingContext context, Callable<Answer> work) {
        onWorker(work)
                .onSuccess(answer -> answer(context.response(), answer))
                .onFailure(failure -> Responses.failure(context.response(), Failures.explained(failure)));
    }

    /** Does {@code work} on a worker thread. */
    <T> Future<T> onWorker(Callable<T> work) {
        return vertx.executeBlocking(work, false).map(Objects::requireNonNull);
    }

    /** Sends an answer. */
    static void answer(HttpServerResponse response, Answer answer) {
        response.setStatusCode(answer.status());
        if (answer.location() != null) {
            response.putHeader(HttpHeaders.LOCATION, answer.location().toString());
        }
        Responses.text(response, JSON, Documents.writeJson(answer.document()));
    }
}
