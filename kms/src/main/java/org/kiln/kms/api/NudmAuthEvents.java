package org.kiln.kms.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;
import org.kiln.kms.auc.AuthEvent;
import org.kiln.kms.auc.AuthEvents;
import org.kiln.transfer.numbering.Supi;

/** {@code auth-events} of Nudm_UEAuthentication (TS 29.503): confirmation of an authentication, and its removal. */
final class NudmAuthEvents {

    private static final String NF_INSTANCE = "nfInstanceId";
    private static final String SUCCESS = "success";
    private static final String TIME_STAMP = "timeStamp";
    private static final String AUTH_TYPE = "authType";
    private static final String NETWORK = "servingNetworkName";
    private static final String REMOVAL = "authRemovalInd";
    private static final int LARGEST_BODY = 16 * 1024;
    private static final Pattern UUID =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    private final Vertx vertx;
    private final AuthEvents events;

    NudmAuthEvents(Vertx vertx, AuthEvents events) {
        this.vertx = vertx;
        this.events = events;
    }

    void confirm(HttpServerRequest request, Supi supi) {
        Context context = vertx.getOrCreateContext();
        HttpServerResponse response = request.response();
        RequestBody.read(request, LARGEST_BODY)
                .compose(body -> {
                    AuthEvent event = event(object(body));
                    return Future.fromCompletionStage(events.confirm(supi, event), context)
                            .onSuccess(id -> {
                                response.setStatusCode(201)
                                        .putHeader(
                                                HttpHeaders.LOCATION,
                                                NudmUeau.PREFIX + supi.value() + "/auth-events/" + id);
                                Responses.json(response, json(event));
                            });
                })
                .onFailure(failure -> Responses.failure(response, failure));
    }

    void remove(HttpServerRequest request, Supi supi, String id) {
        Context context = vertx.getOrCreateContext();
        HttpServerResponse response = request.response();
        RequestBody.read(request, LARGEST_BODY)
                .compose(body -> {
                    JsonNode json = object(body);
                    event(json);
                    if (!JsonTree.flag(json, REMOVAL)) {
                        throw new ProblemException(
                                Problem.incorrect(REMOVAL, "is not true; an event is confirmed with POST"));
                    }
                    return Future.fromCompletionStage(events.remove(supi, id), context);
                })
                .onSuccess(gone -> Responses.empty(response, 204))
                .onFailure(failure -> Responses.failure(response, failure));
    }

    private static JsonNode object(Buffer body) {
        JsonNode json = JsonTree.read(body);
        if (!json.isObject()) {
            throw JsonTree.malformed("the body is no JSON object");
        }
        return json;
    }

    private static AuthEvent event(JsonNode json) {
        String instance = JsonTree.required(json, NF_INSTANCE);
        if (!UUID.matcher(instance).matches()) {
            throw new ProblemException(Problem.incorrect(NF_INSTANCE, "is no UUID"));
        }
        if (!json.has(SUCCESS)) {
            throw new ProblemException(Problem.missing(SUCCESS));
        }
        String timeStamp = JsonTree.required(json, TIME_STAMP);
        try {
            OffsetDateTime.parse(timeStamp);
        } catch (DateTimeParseException e) {
            throw new ProblemException(Problem.incorrect(TIME_STAMP, "is no date and time of RFC 3339"));
        }
        return new AuthEvent(
                instance,
                JsonTree.flag(json, SUCCESS),
                timeStamp,
                JsonTree.required(json, AUTH_TYPE),
                NudmUeau.requireServingNetwork(JsonTree.required(json, NETWORK)));
    }

    private static ObjectNode json(AuthEvent event) {
        return JsonNodeFactory.instance
                .objectNode()
                .put(NF_INSTANCE, event.nfInstanceId())
                .put(SUCCESS, event.success())
                .put(TIME_STAMP, event.timeStamp())
                .put(AUTH_TYPE, event.authType())
                .put(NETWORK, event.servingNetworkName());
    }
}
