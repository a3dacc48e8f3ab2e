package org.kiln.kms.api;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Set;
import org.kiln.kms.access.AccessException;
import org.kiln.kms.access.Principal;
import org.kiln.kms.access.Role;
import org.kiln.kms.oauth2.RequiredScope;
import org.kiln.kms.provisioning.SubscriberProvisioning;
import org.kiln.transfer.numbering.Supi;

/**
 * Provisioning of subscribers as {@code AuthenticationSubscription} (TS 29.505 clause 5.2.2): GET and PATCH as there, PUT
 * and DELETE beside them. Key material comes in wrapped and never goes out.
 */
public final class NudrAuthenticationSubscription implements CallerHandler {

    /** Every path of this API begins so. */
    public static final String PREFIX = "/nudr-dr/v2/subscription-data/";

    private static final String RESOURCE = "authentication-data/authentication-subscription";
    private static final String UE_ID = "ueId";
    private static final String JSON_PATCH = "application/json-patch+json";
    private static final int LARGEST_BODY = 16 * 1024;

    private static final Set<Role> CHANGE = Set.of(Role.PROVISIONER);
    private static final Set<Role> LOOK = Set.of(Role.PROVISIONER, Role.OPERATOR, Role.AUDITOR);

    private static final RequiredScope READ = operation("read");
    private static final RequiredScope MODIFY = operation("modify");
    private static final RequiredScope CREATE = operation("create");
    private static final RequiredScope DELETE = operation("delete");

    private final Vertx vertx;
    private final SubscriberProvisioning provisioning;

    public NudrAuthenticationSubscription(Vertx vertx, SubscriberProvisioning provisioning) {
        this.vertx = vertx;
        this.provisioning = provisioning;
    }

    @Override
    public void handle(HttpServerRequest request, Principal caller) {
        try {
            route(request, caller);
        } catch (ProblemException | AccessException e) {
            request.handler(chunk -> {});
            Responses.failure(request.response(), e);
        }
    }

    /** What a token must allow for a method of this API. TS 29.505 names the scopes of GET and PATCH. */
    public static RequiredScope scope(HttpMethod method) {
        return switch (method.name()) {
            case "GET" -> READ;
            case "PATCH" -> MODIFY;
            case "PUT" -> CREATE;
            default -> DELETE;
        };
    }

    private static RequiredScope operation(String name) {
        return new RequiredScope("nudr-dr", "nudr-dr:subscription-data:authentication-subscription:" + name);
    }

    private void route(HttpServerRequest request, Principal caller) {
        String path = String.valueOf(request.path());
        int ueIdEnd = path.indexOf('/', PREFIX.length());
        if (ueIdEnd < 0 || !path.substring(ueIdEnd + 1).equals(RESOURCE)) {
            throw new ProblemException(Problem.of(
                    Cause.RESOURCE_URI_STRUCTURE_NOT_FOUND, "Nudr_DataRepository has no such resource here"));
        }
        Set<Role> roles = HttpMethod.GET.equals(request.method()) ? LOOK : CHANGE;
        caller.require(roles);
        Supi supi = UriSegment.supi(path.substring(PREFIX.length(), ueIdEnd), UE_ID);
        caller.require(roles, supi);
        Context context = vertx.getOrCreateContext();
        HttpServerResponse response = request.response();
        Future<?> answered = switch (request.method().name()) {
            case "GET" ->
                Future.fromCompletionStage(provisioning.find(supi), context)
                        .onSuccess(found -> Responses.json(response, SubscriptionJson.of(found)));
            case "PUT" -> put(request, supi, caller, context);
            case "PATCH" ->
                RequestBody.read(request, LARGEST_BODY, JSON_PATCH)
                        .map(SubscriptionJson::patch)
                        .compose(patch -> Future.fromCompletionStage(
                                provisioning.change(
                                        supi, caller.name(), before -> SubscriptionJson.patched(before, patch)),
                                context))
                        .onSuccess(changed -> Responses.empty(response, 204));
            case "DELETE" ->
                Future.fromCompletionStage(provisioning.delete(supi, caller.name()), context)
                        .onSuccess(gone -> Responses.empty(response, 204));
            default -> {
                response.putHeader("allow", "GET, PUT, PATCH, DELETE");
                throw new ProblemException(Problem.of(Cause.METHOD_NOT_ALLOWED, "use GET, PUT, PATCH or DELETE"));
            }
        };
        answered.onFailure(failure -> Responses.failure(response, failure));
    }

    private Future<?> put(HttpServerRequest request, Supi supi, Principal caller, Context context) {
        HttpServerResponse response = request.response();
        return RequestBody.read(request, LARGEST_BODY)
                .compose(body -> Future.fromCompletionStage(
                        provisioning.put(SubscriptionJson.parse(supi, body), caller.name()), context))
                .onSuccess(stored -> {
                    if (stored.isNew()) {
                        response.setStatusCode(201).putHeader(HttpHeaders.LOCATION, request.path());
                        Responses.json(response, SubscriptionJson.of(stored.subscription()));
                    } else {
                        Responses.empty(response, 204);
                    }
                });
    }
}
