package org.kiln.kms.api;

import io.vertx.core.http.HttpServerRequest;
import org.kiln.kms.access.Principal;

/** Serves requests of whom it is told; says itself what he may. */
@FunctionalInterface
public interface CallerHandler {

    void handle(HttpServerRequest request, Principal caller);
}
