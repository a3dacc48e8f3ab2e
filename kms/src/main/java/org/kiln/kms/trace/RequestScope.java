package org.kiln.kms.trace;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.spi.context.storage.ContextLocal;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The request in hand. It goes with its Vert.x context, on event loops and workers; what a request is called in the log is found
 * out when the first line is written for it, so that a request of which nothing is logged costs nothing.
 *
 * <p>Kiln asks nobody on a request's behalf, so a trace ends here, and {@code tracestate}, which is for those behind, is not read.
 * A caller who is in no trace gets none: nothing would be recorded under it.
 */
public final class RequestScope {

    /** In the log: the id of a request, that of its trace, and that of the caller's span. */
    public static final String REQUEST_ID = "request_id";

    public static final String TRACE_ID = "trace_id";
    public static final String PARENT_ID = "parent_id";

    /** Names a request; a caller may choose it, and reads it in an answer about which the log says more. */
    public static final String REQUEST_ID_HEADER = "x-request-id";

    static final ContextLocal<HttpServerRequest> REQUEST = ContextLocal.registerLocal(HttpServerRequest.class);
    static final ContextLocal<Labels> LABELS = ContextLocal.registerLocal(Labels.class);

    private static final ScopedValue<Context> CARRIED = ScopedValue.newInstance();
    /** What a caller may choose: a word in which no SUPI stands. */
    private static final Pattern ID = Pattern.compile("(?!.*[0-9]{14})[A-Za-z0-9._:-]{1,64}");

    private static final String TRACE_PARENT = "traceparent";

    private RequestScope() {}

    /** What the log calls a request. */
    record Labels(Map<String, String> entries) {}

    /** Begins the scope of a request; on its event loop. */
    public static void begin(HttpServerRequest request) {
        Context context = Vertx.currentContext();
        if (context != null) {
            context.putLocal(REQUEST, request);
        }
    }

    /** What to write beside a log line of the request in hand; empty if there is none. */
    public static Map<String, String> labels() {
        Context context = context();
        HttpServerRequest request = context == null ? null : context.getLocal(REQUEST);
        return context == null || request == null
                ? Map.of()
                : context.getLocal(LABELS, () -> labelsOf(request)).entries();
    }

    /** The id of the request in hand, if a line in the log bears it. */
    public static Optional<String> loggedAs() {
        Context context = context();
        Labels labels = context == null ? null : context.getLocal(LABELS);
        return labels == null
                ? Optional.empty()
                : Optional.ofNullable(labels.entries().get(REQUEST_ID));
    }

    /** The same work, for a thread that is none of Vert.x's, with the request in hand. */
    public static <T> Supplier<T> carry(Supplier<T> work) {
        Context context = context();
        return context == null
                ? work
                : () -> ScopedValue.where(CARRIED, context).call(work::get);
    }

    /** As {@link #carry(Supplier)}. */
    public static <A, T> Function<A, T> carry(Function<A, T> work) {
        Context context = context();
        return context == null
                ? work
                : given -> ScopedValue.where(CARRIED, context).call(() -> work.apply(given));
    }

    private static @Nullable Context context() {
        return CARRIED.isBound() ? CARRIED.get() : Vertx.currentContext();
    }

    private static Labels labelsOf(HttpServerRequest request) {
        Map<String, String> entries = new LinkedHashMap<>();
        String chosen = request.getHeader(REQUEST_ID_HEADER);
        entries.put(REQUEST_ID, chosen != null && ID.matcher(chosen).matches() ? chosen : newId());
        List<String> parents = request.headers().getAll(TRACE_PARENT);
        if (parents.size() == 1) {
            TraceParent.parse(parents.getFirst()).ifPresent(parent -> {
                entries.put(TRACE_ID, parent.traceId());
                entries.put(PARENT_ID, parent.parentId());
            });
        }
        return new Labels(Map.copyOf(entries));
    }

    private static String newId() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
}
