package org.kiln.personalisation.api;

import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.util.Optional;
import org.kiln.kms.api.Callers;

/**
 * Mounts the routes of all resources.
 *
 * @param identities where configuration has them
 */
public record PersonalisationApi(
        Catalogue catalogue,
        OrderRoutes orders,
        FileRoutes files,
        IntakeRoutes intake,
        ProgressRoutes progress,
        Optional<IdentityRoutes> identities) {

    /** Puts the routes on a router; who may call, {@code callers} tells. */
    public void mount(Vertx vertx, Router router, Callers callers) {
        Endpoints endpoints = new Endpoints(vertx, router, callers);
        catalogue.mount(endpoints);
        orders.mount(endpoints);
        files.mount(endpoints);
        intake.mount(endpoints);
        progress.mount(endpoints);
        identities.ifPresent(routes -> routes.mount(endpoints));
        endpoints.refuseOtherMethods();
    }
}
