package org.kiln.kms.grpc;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.common.WireFormat;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import org.kiln.auc.v1.VectorRequest;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.oauth2.RequiredScope;

/** The service {@code kiln.auc.v1.AuthenticationCentre}, at the HTTP/2 listeners of the node. */
public final class GrpcVectors implements Handler<HttpServerRequest> {

    /** Every path of this service begins so. */
    public static final String PREFIX = "/kiln.auc.v1.AuthenticationCentre/";

    /** What a token must allow to call this service. */
    public static final RequiredScope SCOPE = new RequiredScope("kiln-auc", "");

    private static final ServiceName SERVICE = ServiceName.create("kiln.auc.v1", "AuthenticationCentre");
    private static final int LARGEST_REQUEST = 4096;

    private final Vertx vertx;
    private final AuthenticationCentre centre;
    private final RequestReader reader;
    private final GrpcServer server;

    /** @param laboratory whether 5G vectors with KSEAF may be had */
    public GrpcVectors(Vertx vertx, AuthenticationCentre centre, boolean laboratory) {
        this.vertx = vertx;
        this.centre = centre;
        reader = new RequestReader(laboratory);
        GrpcServerOptions options =
                new GrpcServerOptions().setMaxMessageSize(LARGEST_REQUEST).setScheduleDeadlineAutomatically(true);
        for (GrpcProtocol protocol : GrpcProtocol.values()) {
            if (protocol != GrpcProtocol.HTTP_2) {
                options.removeEnabledProtocol(protocol);
            }
        }
        server = GrpcServer.server(vertx, options)
                .callHandler(method("GetVectors"), this::getVectors)
                .callHandler(method("StreamVectors"), this::streamVectors);
    }

    private static ServiceMethod<VectorRequest, Buffer> method(String name) {
        return ServiceMethod.server(
                SERVICE,
                name,
                GrpcMessageEncoder.IDENTITY,
                GrpcMessageDecoder.decoder(VectorRequest.getDefaultInstance()));
    }

    @Override
    public void handle(HttpServerRequest request) {
        server.handle(request);
    }

    private void getVectors(GrpcServerRequest<VectorRequest, Buffer> call) {
        if (isProtobuf(call)) {
            Context context = vertx.getOrCreateContext();
            call.last()
                    .compose(request -> answer(request, context))
                    .onSuccess(answer -> call.response().end(answer))
                    .onFailure(e -> call.response()
                            .status(GrpcStatus.INVALID_ARGUMENT)
                            .statusMessage("the request is no VectorRequest")
                            .end());
        }
    }

    private void streamVectors(GrpcServerRequest<VectorRequest, Buffer> call) {
        if (isProtobuf(call)) {
            Context context = vertx.getOrCreateContext();
            new VectorStream(call, request -> answer(request, context)).begin();
        }
    }

    private static boolean isProtobuf(GrpcServerRequest<VectorRequest, Buffer> call) {
        if (call.format() == WireFormat.PROTOBUF) {
            return true;
        }
        call.response()
                .status(GrpcStatus.UNIMPLEMENTED)
                .statusMessage("use content-type application/grpc")
                .end();
        return false;
    }

    /** Never fails. */
    private Future<Buffer> answer(VectorRequest request, Context context) {
        return Future.succeededFuture(request)
                .map(reader::read)
                .compose(asked -> Future.fromCompletionStage(centre.authenticate(asked), context))
                .map(vectors -> AnswerWriter.vectors(request.getId(), vectors))
                .otherwise(why -> AnswerWriter.error(request.getId(), why));
    }
}
