package org.kiln.kms.grpc;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.StreamResetException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.kiln.auc.v1.Answer;

/** A gRPC call written from the protocol's description over plain HTTP/2: it shares no gRPC code with the server. */
final class GrpcCall {

    private static final int PATIENCE_SECONDS = 30;
    private static final int PREFIX = 5;

    private final HttpClientRequest request;
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> status = new CompletableFuture<>();
    private Buffer pending = Buffer.buffer();

    GrpcCall(HttpClient client, int port, String method, String contentType) {
        request = client.request(HttpMethod.POST, port, "127.0.0.1", GrpcVectors.PREFIX + method)
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        request.setChunked(true).putHeader("content-type", contentType).putHeader("te", "trailers");
        request.response().onSuccess(this::read).onFailure(this::failed);
    }

    private void read(HttpClientResponse response) {
        response.exceptionHandler(this::failed);
        response.handler(this::take);
        response.endHandler(end -> {
            String trailer = response.trailers().get("grpc-status");
            String header = response.getHeader("grpc-status");
            status.complete(trailer != null ? trailer : header != null ? header : "HTTP " + response.statusCode());
        });
    }

    private void failed(Throwable why) {
        if (why instanceof StreamResetException reset) {
            status.complete("reset " + reset.getCode());
        } else {
            status.completeExceptionally(why);
        }
    }

    private void take(Buffer octets) {
        pending.appendBuffer(octets);
        while (pending.length() >= PREFIX && pending.length() >= PREFIX + pending.getInt(1)) {
            int end = PREFIX + pending.getInt(1);
            try {
                answers.add(Answer.parseFrom(pending.getBytes(PREFIX, end)));
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                status.completeExceptionally(e);
            }
            pending = pending.getBuffer(end, pending.length());
        }
    }

    GrpcCall send(byte[] message) {
        request.write(Buffer.buffer()
                        .appendByte((byte) 0)
                        .appendInt(message.length)
                        .appendBytes(message))
                .onFailure(this::failed);
        return this;
    }

    GrpcCall end() {
        request.end().onFailure(this::failed);
        return this;
    }

    Answer next() throws InterruptedException {
        Answer answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (answer == null) {
            throw new IllegalStateException("no answer came");
        }
        return answer;
    }

    int unread() {
        return answers.size();
    }

    /** The gRPC status, or how the server reset the stream. */
    String status() {
        return status.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }
}
