package org.kiln.kms.api;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.function.BiPredicate;
import org.kiln.kms.access.AccessException;
import org.kiln.kms.access.AccessRules;
import org.kiln.kms.access.Caller;
import org.kiln.kms.access.Principal;
import org.kiln.kms.access.Role;

/**
 * {@code POST /kiln/v1/callers/{caller}/unlock}: an operator or officer lets a caller in before his lock-out ends, at this node.
 *
 * @param lift lets a caller in, by the name of whoever asks; false if he was not locked out. It may wait
 */
public record LockOutRoutes(Vertx vertx, AccessRules rules, Callers callers, BiPredicate<Principal, String> lift) {

    private static final Set<Role> ROLES = Set.of(Role.OPERATOR, Role.OFFICER);

    /** Adds the route. */
    public void mount(Router router) {
        router.post("/kiln/v1/callers/:caller/unlock").handler(this::unlock);
    }

    private void unlock(RoutingContext context) {
        Caller by;
        try {
            by = callers.of(context.request()).as(ROLES);
        } catch (AccessException e) {
            Responses.failure(context.request(), e);
            return;
        }
        String name = context.pathParam("caller");
        Principal found = rules.principals().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElse(null);
        if (found == null) {
            Responses.problem(
                    context.request(), Problem.of(Cause.RESOURCE_NOT_FOUND, "kiln.yaml has no caller of this name"));
            return;
        }
        vertx.executeBlocking(() -> lift.test(found, by.name()), false)
                .onSuccess(lifted -> Responses.text(
                        context.response(),
                        "application/json",
                        JsonObject.of("caller", found.name(), "unlocked", lifted)
                                .encode()))
                .onFailure(failure -> Responses.failure(context.response(), failure));
    }
}
