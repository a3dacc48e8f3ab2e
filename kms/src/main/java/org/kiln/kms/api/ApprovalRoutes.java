package org.kiln.kms.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.kiln.kms.access.AccessException;
import org.kiln.kms.access.Principal;
import org.kiln.kms.access.Role;
import org.kiln.kms.approval.Act;
import org.kiln.kms.approval.Approval;
import org.kiln.kms.approval.ApprovalException;
import org.kiln.kms.approval.Approvals;
import org.kiln.kms.approval.Waiting;

/**
 * {@code /kiln/v1/approvals}: one person asks for an act, another approves or rejects it. Who they are, their certificates say; the
 * act itself is done at the terminal.
 */
public final class ApprovalRoutes implements CallerHandler {

    /** Every path of this API begins so. */
    public static final String PREFIX = "/kiln/v1/approvals";

    private static final Set<Role> LOOK = Set.of(Role.OFFICER, Role.CUSTODIAN, Role.OPERATOR, Role.AUDITOR);
    private static final Set<Role> LOOK_ELSEWHERE = Set.of(Role.OPERATOR, Role.AUDITOR);
    private static final Set<Role> ASK = Set.of(Role.OFFICER, Role.OPERATOR);
    private static final Set<Role> APPROVE = Set.of(Role.OFFICER, Role.CUSTODIAN);
    private static final Set<Role> REJECT = Set.of(Role.OFFICER, Role.CUSTODIAN, Role.OPERATOR);
    private static final int LARGEST_BODY = 4 * 1024;

    private final Vertx vertx;
    private final Approvals approvals;
    private final Supplier<List<Waiting>> elsewhere;

    /** @param elsewhere what waits for a second person in other rooms, to be listed with the approvals */
    public ApprovalRoutes(Vertx vertx, Approvals approvals, Supplier<List<Waiting>> elsewhere) {
        this.vertx = vertx;
        this.approvals = approvals;
        this.elsewhere = elsewhere;
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

    private void route(HttpServerRequest request, Principal caller) {
        String[] segments =
                String.valueOf(request.path()).substring(PREFIX.length()).split("/", -1);
        if (!segments[0].isEmpty() || segments.length > 3) {
            throw nowhere();
        }
        String id = segments.length > 1 ? segments[1] : "";
        switch (segments.length == 3 ? segments[2] : "") {
            case "" -> {
                if (segments.length == 3 || (segments.length == 2 && id.isEmpty())) {
                    throw nowhere();
                }
                if (segments.length == 2) {
                    require(request, HttpMethod.GET);
                    caller.require(LOOK);
                    answer(request, () -> json(approvals.find(id)));
                } else if (HttpMethod.GET.equals(request.method())) {
                    caller.require(LOOK);
                    answer(request, () -> list(caller.has(LOOK_ELSEWHERE)));
                } else {
                    require(request, HttpMethod.POST);
                    ask(request, caller.as(ASK).name(), caller);
                }
            }
            case "approve" -> {
                require(request, HttpMethod.POST);
                String decider = caller.as(APPROVE).name();
                answer(request, () -> {
                    caller.require(approvals.find(id).act().approvers());
                    return json(approvals.approve(id, decider));
                });
            }
            case "reject" -> {
                require(request, HttpMethod.POST);
                reject(request, id, caller.as(REJECT).name(), caller);
            }
            default -> throw nowhere();
        }
    }

    private static ProblemException nowhere() {
        return new ProblemException(Problem.of(Cause.RESOURCE_NOT_FOUND, "there is nothing at this path"));
    }

    private static void require(HttpServerRequest request, HttpMethod method) {
        if (!method.equals(request.method())) {
            request.response().putHeader(HttpHeaders.ALLOW, method.name());
            throw new ProblemException(Problem.of(Cause.METHOD_NOT_ALLOWED, "use " + method.name()));
        }
    }

    private JsonNode list(boolean withElsewhere) {
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        ArrayNode items = list.putArray("items");
        approvals.list().forEach(approval -> items.add(json(approval)));
        if (withElsewhere) {
            ArrayNode waiting = list.putArray("waitingElsewhere");
            elsewhere.get().forEach(each -> waiting.add(json(each)));
        }
        return list;
    }

    private void ask(HttpServerRequest request, String requester, Principal caller) {
        RequestBody.read(request, LARGEST_BODY)
                .compose(body -> {
                    JsonNode json = JsonTree.read(body);
                    Act act = act(JsonTree.required(json, "act"));
                    caller.require(act.requesters());
                    String object = JsonTree.required(json, "object");
                    String reason = JsonTree.required(json, "reason");
                    return onWorker(() -> approvals.request(act, object, reason, requester));
                })
                .onSuccess(asked -> {
                    request.response().setStatusCode(201).putHeader(HttpHeaders.LOCATION, PREFIX + "/" + asked.id());
                    Responses.json(request.response(), json(asked));
                })
                .onFailure(failure -> refuse(request, failure));
    }

    private static Act act(String label) {
        try {
            return Act.labelled(label);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(Problem.incorrect("act", String.valueOf(e.getMessage())));
        }
    }

    private void reject(HttpServerRequest request, String id, String decider, Principal caller) {
        RequestBody.read(request, LARGEST_BODY)
                .compose(body -> {
                    String reason = JsonTree.required(JsonTree.read(body), "reason");
                    return onWorker(() -> {
                        Approval asked = approvals.find(id);
                        if (!asked.requester().equals(decider)) {
                            caller.require(asked.act().approvers());
                        }
                        return approvals.reject(id, decider, reason);
                    });
                })
                .onSuccess(rejected -> Responses.json(request.response(), json(rejected)))
                .onFailure(failure -> refuse(request, failure));
    }

    private void answer(HttpServerRequest request, Callable<JsonNode> work) {
        onWorker(work)
                .onSuccess(json -> Responses.json(request.response(), json))
                .onFailure(failure -> refuse(request, failure));
    }

    private <T> Future<T> onWorker(Callable<T> work) {
        return vertx.executeBlocking(work, false).map(Objects::requireNonNull);
    }

    private static void refuse(HttpServerRequest request, Throwable failure) {
        if (failure instanceof ApprovalException e) {
            Responses.problem(request.response(), problem(e));
        } else {
            Responses.failure(request.response(), failure);
        }
    }

    private static Problem problem(ApprovalException e) {
        String detail = String.valueOf(e.getMessage());
        return switch (e.refusal()) {
            case UNKNOWN -> Problem.of(Cause.APPROVAL_NOT_FOUND, detail);
            case NEEDED, NOT_PENDING -> Problem.of(Cause.APPROVAL_STATE, detail);
            case SAME_PERSON -> Problem.of(Cause.SECOND_PERSON_NEEDED, detail);
            case MALFORMED -> Problem.of(Cause.MANDATORY_IE_INCORRECT, detail);
            case DAMAGED -> Problem.of(Cause.SYSTEM_FAILURE, detail);
        };
    }

    private static ObjectNode json(Approval approval) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", approval.id())
                .put("act", approval.act().label())
                .put("object", approval.object())
                .put("reason", approval.reason())
                .put("requester", approval.requester())
                .put("requestedAt", approval.requestedAt().toString())
                .put("expiresAt", approval.expiresAt().toString())
                .put("state", approval.state().name())
                .put("decider", approval.decider())
                .put("changedAt", approval.changedAt().toString());
    }

    private static ObjectNode json(Waiting waiting) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("act", waiting.act())
                .put("object", waiting.object())
                .put("requester", waiting.requester())
                .put("requestedAt", waiting.requestedAt().toString())
                .put("expiresAt", waiting.expiresAt().toString())
                .put("approveWith", waiting.approveWith());
    }
}
