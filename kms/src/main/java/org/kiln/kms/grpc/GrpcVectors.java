package org.kiln.kms.grpc;

import io.vertx.core.Context;
import io.vertx.core.Future;
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
import java.util.Set;
import org.kiln.auc.v1.VectorRequest;
import org.kiln.kms.access.AccessException;
import org.kiln.kms.access.Principal;
import org.kiln.kms.access.Role;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.oauth2.RequiredScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The service {@code kiln.auc.v1.AuthenticationCentre}, at the HTTP/2 listeners of the node. */
public final class GrpcVectors {

    /** Every path of this service begins so. */
    public static final String PREFIX = "/kiln.auc.v1.AuthenticationCentre/";

    /** What a token must allow to call this service. */
    public static final RequiredScope SCOPE = new RequiredScope("kiln-auc", "");

    private static final Logger LOG = LoggerFactory.getLogger(GrpcVectors.class);
    private static final ServiceName SERVICE = ServiceName.create("kiln.auc.v1", "AuthenticationCentre");
    private static final String STREAM = "StreamVectors";
    private static final int LARGEST_REQUEST = 4096;

    private static final Set<Role> ROLES = Set.of(Role.UDM, Role.HLR);
    private static final Set<Role> ROLES_5G = Set.of(Role.UDM);

    /** Who makes the call that the server is being handed. */
    private static final ScopedValue<Principal> CALLER = ScopedValue.newInstance();

    private static final ScopedValue<FramedRequest> FRAMED = ScopedValue.newInstance();

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
                .callHandler(method(STREAM), this::streamVectors);
    }

    /** Whether a path is of a call that may be asked as long as its caller likes. */
    public static boolean mayLast(String path) {
        return path.equals(PREFIX + STREAM);
    }

    private static ServiceMethod<VectorRequest, Buffer> method(String name) {
        return ServiceMethod.server(
                SERVICE,
                name,
                GrpcMessageEncoder.IDENTITY,
                GrpcMessageDecoder.decoder(VectorRequest.getDefaultInstance()));
    }

    /**
     * Serves a call; counts its messages in and out by itself.
     *
     * @throws AccessException if nothing here is for the caller
     */
    public void handle(HttpServerRequest request, Principal caller) {
        caller.require(ROLES);
        FramedRequest framed = new FramedRequest(request, !mayLast(String.valueOf(request.path())), LARGEST_REQUEST);
        ScopedValue.where(CALLER, caller).where(FRAMED, framed).run(() -> server.handle(framed));
    }

    private void getVectors(GrpcServerRequest<VectorRequest, Buffer> call) {
        if (isProtobuf(call)) {
            Context context = vertx.getOrCreateContext();
            Principal caller = CALLER.get();
            FramedRequest framed = FRAMED.get();
            framed.onFault(fault -> refuse(call, fault));
            call.last()
                    .compose(request -> answer(request, caller, context))
                    .onSuccess(answer -> call.response().end(answer))
                    .onFailure(e -> {
                        if (!framed.isBroken()) {
                            refuse(call, e);
                        }
                    });
        }
    }

    private void streamVectors(GrpcServerRequest<VectorRequest, Buffer> call) {
        if (isProtobuf(call)) {
            Context context = vertx.getOrCreateContext();
            Principal caller = CALLER.get();
            VectorStream stream = new VectorStream(
                    call,
                    request -> answer(request, caller, context)
                            .otherwise(why -> AnswerWriter.error(request.getId(), why)));
            FRAMED.get().onFault(stream::refuse);
            stream.begin();
        }
    }

    static void refuse(GrpcServerRequest<VectorRequest, Buffer> call, FramingFault fault) {
        LOG.info("a call of {} is refused: {}", call.connection().remoteAddress(), fault.message());
        call.response().headers().set("grpc-accept-encoding", "identity");
        call.response()
                .status(fault.status())
                .statusMessage(fault.message())
                .end()
                .onFailure(e -> LOG.debug("the caller left before he was refused: {}", e.getMessage()));
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

    private static Set<Role> roles(VectorKind kind) {
        return kind instanceof VectorKind.FiveGHeAka || kind instanceof VectorKind.FiveGSeAka ? ROLES_5G : ROLES;
    }

    private static void refuse(GrpcServerRequest<VectorRequest, Buffer> call, Throwable why) {
        boolean tooMany = why instanceof AccessException;
        call.response()
                .status(tooMany ? GrpcStatus.RESOURCE_EXHAUSTED : GrpcStatus.INVALID_ARGUMENT)
                .statusMessage(tooMany ? String.valueOf(why.getMessage()) : "the request is no VectorRequest")
                .end();
    }

    /** Fails with an {@link AccessException} if the caller asks too often, and else never. */
    private Future<Buffer> answer(VectorRequest request, Principal caller, Context context) {
        boolean counted;
        try {
            counted = caller.begin();
        } catch (AccessException e) {
            return Future.failedFuture(e);
        }
        Future<Buffer> answer = Future.succeededFuture(request)
                .map(reader::read)
                .compose(asked -> {
                    caller.require(roles(asked.kind()), asked.supi());
                    return Future.fromCompletionStage(centre.authenticate(asked, caller), context);
                })
                .map(vectors -> {
                    caller.served(vectors.size());
                    return AnswerWriter.vectors(request.getId(), vectors);
                })
                .otherwise(why -> AnswerWriter.error(request.getId(), why));
        return counted ? answer.onComplete(done -> caller.end()) : answer;
    }
}
