package org.kiln.kms.grpc;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.function.Function;
import org.kiln.auc.v1.VectorRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call of {@code StreamVectors}: takes requests as long as few enough are on their way and the answers are read. */
final class VectorStream {

    private static final Logger LOG = LoggerFactory.getLogger(VectorStream.class);
    private static final int MOST_OUTSTANDING = 256;

    private final GrpcServerRequest<VectorRequest, Buffer> call;
    private final GrpcServerResponse<VectorRequest, Buffer> response;
    private final Function<VectorRequest, Future<Buffer>> answer;
    private int outstanding;
    private boolean paused;
    private boolean asked;
    private boolean over;

    VectorStream(GrpcServerRequest<VectorRequest, Buffer> call, Function<VectorRequest, Future<Buffer>> answer) {
        this.call = call;
        this.answer = answer;
        response = call.response();
    }

    void begin() {
        call.exceptionHandler(e -> over = true);
        call.errorHandler(e -> over = true);
        call.invalidMessageHandler(e -> refuse());
        response.exceptionHandler(e -> over = true);
        response.drainHandler(drained -> goOn());
        call.endHandler(end -> {
            asked = true;
            endIfDone();
        });
        call.handler(this::take);
    }

    private void take(VectorRequest request) {
        outstanding++;
        if (outstanding >= MOST_OUTSTANDING) {
            pause();
        }
        answer.apply(request).onSuccess(this::send);
    }

    private void send(Buffer encoded) {
        outstanding--;
        if (over) {
            return;
        }
        response.write(encoded).onFailure(e -> LOG.debug("the caller left before its answer: {}", e.getMessage()));
        if (response.writeQueueFull()) {
            pause();
        } else {
            goOn();
        }
        endIfDone();
    }

    private void pause() {
        paused = true;
        call.pause();
    }

    private void goOn() {
        if (paused && outstanding < MOST_OUTSTANDING && !response.writeQueueFull()) {
            paused = false;
            call.resume();
        }
    }

    private void endIfDone() {
        if (asked && outstanding == 0 && !over) {
            over = true;
            response.end();
        }
    }

    void refuse(FramingFault fault) {
        if (!over) {
            over = true;
            GrpcVectors.refuse(call, fault);
        }
    }

    private void refuse() {
        if (!over) {
            over = true;
            response.status(GrpcStatus.INVALID_ARGUMENT)
                    .statusMessage("a message of the stream is no VectorRequest")
                    .end();
        }
    }
}
