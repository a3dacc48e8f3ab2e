package org.kiln.kms.api;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a JSON body of bounded size. */
public final class RequestBody {

    private static final Logger LOG = LoggerFactory.getLogger(RequestBody.class);

    private RequestBody() {}

    /** The whole body; fails with a 411, 413 or 415 problem, at once where the headers tell already. */
    public static Future<Buffer> read(HttpServerRequest request, int limit) {
        return read(request, limit, "application/json");
    }

    /** As {@link #read(HttpServerRequest, int)}, of another media type. */
    public static Future<Buffer> read(HttpServerRequest request, int limit, String mediaType) {
        if (hasNoLength(request)) {
            return refuse(request, Problem.of(Cause.LENGTH_REQUIRED, "send content-length or transfer-encoding"));
        }
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(mediaType)) {
            return refuse(request, Problem.of(Cause.UNSUPPORTED_MEDIA_TYPE, "send content-type: " + mediaType));
        }
        String stated = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (stated != null && stated.length() > 9) {
            return refuse(request, tooLarge(limit));
        }
        Buffer body = Buffer.buffer();
        Promise<Buffer> whole = Promise.promise();
        request.handler(chunk -> {
            if (body.length() + chunk.length() > limit) {
                whole.tryFail(new ProblemException(tooLarge(limit)));
            } else {
                body.appendBuffer(chunk);
            }
        });
        request.exceptionHandler(e -> {
            // A connection in its last throes tells each of its requests of each of its errors.
            if (!whole.future().isComplete()) {
                LOG.debug("a body did not come to its end: {}", e.getMessage());
                whole.tryFail(new ProblemException(
                        Problem.of(Cause.INVALID_MSG_FORMAT, "the body is malformed or did not come to its end")));
            }
        });
        request.endHandler(end -> whole.tryComplete(body));
        return whole.future();
    }

    /** Of HTTP/1, where a request without either header has no body (RFC 9112 clause 6.3); HTTP/2 needs neither. */
    private static boolean hasNoLength(HttpServerRequest request) {
        return request.version() != HttpVersion.HTTP_2
                && !request.headers().contains(HttpHeaders.CONTENT_LENGTH)
                && !request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    private static Future<Buffer> refuse(HttpServerRequest request, Problem problem) {
        request.handler(chunk -> {});
        return Future.failedFuture(new ProblemException(problem));
    }

    private static Problem tooLarge(int limit) {
        return Problem.of(Cause.PAYLOAD_TOO_LARGE, "the body has more than " + limit + " octets");
    }
}
