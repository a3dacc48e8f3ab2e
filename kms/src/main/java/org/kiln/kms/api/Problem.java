package org.kiln.kms.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;

/**
 * Problem details (RFC 9457) as 3GPP extends them (TS 29.571 clause 5.2.4.1).
 *
 * @param title the status in words
 * @param detail what is wrong and what to do
 * @param cause the 3GPP cause, such as {@code USER_NOT_FOUND}
 * @param invalidParams which parts of the request are wrong
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Problem(String title, int status, String detail, String cause, List<InvalidParam> invalidParams) {

    /** The media type of problem details. */
    public static final String MEDIA_TYPE = "application/problem+json";

    /** A part of the request and what is wrong with it. */
    public record InvalidParam(String param, String reason) {}

    /** A problem of the authentication centre. */
    public static Problem of(Cause cause, String detail) {
        return of(cause.status(), cause.name(), detail);
    }

    /** A problem of another interface, whose cause docs/api.md lists too. */
    public static Problem of(int status, String cause, String detail) {
        return new Problem(reason(status), status, detail, cause, List.of());
    }

    static Problem missing(String param) {
        return parameter(Cause.MANDATORY_IE_MISSING, param, "is missing");
    }

    static Problem incorrect(String param, String why) {
        return parameter(Cause.MANDATORY_IE_INCORRECT, param, why);
    }

    private static Problem parameter(Cause cause, String param, String why) {
        return new Problem(
                reason(cause.status()),
                cause.status(),
                param + " " + why,
                cause.name(),
                List.of(new InvalidParam(param, why)));
    }

    private static String reason(int status) {
        return HttpResponseStatus.valueOf(status).reasonPhrase();
    }
}
