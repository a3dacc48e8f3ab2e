package org.kiln.kms.grpc;

import io.vertx.grpc.common.GrpcStatus;

/** What is wrong with how a call's messages are framed, with the status that gRPC's own libraries answer (its doc/statuscodes.md). */
enum FramingFault {
    TOO_LARGE(GrpcStatus.RESOURCE_EXHAUSTED, "a message has 4096 octets at most"),
    UNKNOWN_ENCODING(
            GrpcStatus.UNIMPLEMENTED, "messages are not compressed here; send them with grpc-encoding identity"),
    NO_ENCODING(GrpcStatus.INTERNAL, "a message is marked as compressed, and grpc-encoding does not say how"),
    NO_FLAG(GrpcStatus.INTERNAL, "a message begins with 0, or with 1 if it is compressed"),
    CUT_OFF(GrpcStatus.INVALID_ARGUMENT, "the call ends within a message"),
    NOT_ONE_MESSAGE(GrpcStatus.UNIMPLEMENTED, "this method takes exactly one message; StreamVectors takes any number");

    private final GrpcStatus status;
    private final String message;

    FramingFault(GrpcStatus status, String message) {
        this.status = status;
        this.message = message;
    }

    GrpcStatus status() {
        return status;
    }

    String message() {
        return message;
    }
}
