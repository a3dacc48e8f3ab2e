package org.kiln.kms.trace;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.slf4j.Marker;

/** Puts the request in hand beside each line that is going to be logged; keeps none back. */
public final class RequestLabelsFilter extends TurboFilter {

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] parameters,
            @Nullable Throwable failure) {
        if (format != null && level.isGreaterOrEqual(logger.getEffectiveLevel())) {
            Map<String, String> labels = RequestScope.labels();
            put(RequestScope.REQUEST_ID, labels);
            put(RequestScope.TRACE_ID, labels);
            put(RequestScope.PARENT_ID, labels);
        }
        return FilterReply.NEUTRAL;
    }

    private static void put(String key, Map<String, String> labels) {
        String value = labels.get(key);
        if (value == null) {
            MDC.remove(key);
        } else {
            MDC.put(key, value);
        }
    }
}
