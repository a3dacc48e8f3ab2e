package org.kiln.kms.server;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import org.kiln.kms.access.AccessException;
import org.kiln.kms.access.Principal;
import org.kiln.kms.api.ApprovalRoutes;
import org.kiln.kms.api.CallerHandler;
import org.kiln.kms.api.NudmUeau;
import org.kiln.kms.api.NudrAuthenticationSubscription;
import org.kiln.kms.api.Responses;
import org.kiln.kms.grpc.GrpcVectors;
import org.kiln.kms.trace.RequestScope;

/**
 * Hands a request to the service at its path, once it is known who calls and that he does not call too much. What he may do
 * there, the service says.
 *
 * @param others serves all other paths
 */
public record Switchboard(
        NudmUeau nudm,
        NudrAuthenticationSubscription nudr,
        GrpcVectors grpc,
        ApprovalRoutes approvals,
        Handler<HttpServerRequest> others)
        implements CallerHandler {

    @Override
    public void handle(HttpServerRequest request, Principal caller) {
        RequestScope.begin(request);
        String path = String.valueOf(request.path());
        try {
            caller.requireKnown();
            if (path.startsWith(GrpcVectors.PREFIX)) {
                grpc.handle(request, caller);
                return;
            }
            if (caller.begin()) {
                request.response().endHandler(answered -> caller.end());
            }
        } catch (AccessException e) {
            request.handler(chunk -> {});
            Responses.failure(request, e);
            return;
        }
        if (path.startsWith(NudmUeau.PREFIX)) {
            nudm.handle(request, caller);
        } else if (path.startsWith(NudrAuthenticationSubscription.PREFIX)) {
            nudr.handle(request, caller);
        } else if (path.startsWith(ApprovalRoutes.PREFIX)) {
            approvals.handle(request, caller);
        } else {
            others.handle(request);
        }
    }
}
