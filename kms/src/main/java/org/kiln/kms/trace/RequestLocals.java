package org.kiln.kms.trace;

import io.vertx.core.internal.VertxBootstrap;
import io.vertx.core.spi.VertxServiceProvider;
import java.util.Objects;

/** Has Vert.x make room for a {@link RequestScope} in its contexts, which it does only before the first of them is made. */
public final class RequestLocals implements VertxServiceProvider {

    @Override
    public void init(VertxBootstrap bootstrap) {
        Objects.requireNonNull(RequestScope.REQUEST);
    }
}
