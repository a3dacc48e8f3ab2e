package org.kiln.personalisation.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import java.util.Optional;
import org.kiln.kms.access.Caller;
import org.kiln.kms.api.Cause;
import org.kiln.kms.api.Problem;
import org.kiln.kms.api.ProblemException;
import org.kiln.personalisation.document.Documents;

/**
 * A request, once it is known who sent it and the body is there.
 *
 * @param body empty where none was expected
 */
record Call(Caller caller, Buffer body, RoutingContext context) {

    private static final int USUAL_PAGE = 50;
    private static final int LARGEST_PAGE = 1_000;

    /** The part of the path with this name. */
    String path(String name) {
        return Objects.requireNonNull(context.pathParam(name));
    }

    /** As {@link #path}, a number; what is none is nowhere. */
    int number(String name) {
        try {
            return Integer.parseInt(path(name));
        } catch (NumberFormatException e) {
            throw new ProblemException(Problem.of(Cause.RESOURCE_NOT_FOUND, "there is nothing at this path"));
        }
    }

    Optional<String> query(String name) {
        return context.queryParam(name).stream().findFirst();
    }

    /** How many entries a page has: {@code limit}, 50 without, at most 1000. */
    int limit() {
        try {
            int limit = Integer.parseInt(query("limit").orElse(String.valueOf(USUAL_PAGE)));
            if (limit >= 1 && limit <= LARGEST_PAGE) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // falls through to the refusal
        }
        throw new ProblemException(Problem.of(400, "QUERY_REFUSED", "limit is 1 to " + LARGEST_PAGE));
    }

    /**
     * The body as a document.
     *
     * @param what names it in messages
     */
    <T> T read(String what, Class<T> type) {
        return Documents.readJson(what, body.getBytes(), type);
    }
}
