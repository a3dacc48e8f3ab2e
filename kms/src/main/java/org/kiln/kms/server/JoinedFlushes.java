package org.kiln.kms.server;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;

/**
 * Answers of one connection that are ready together leave in one write to the socket: lanes hand them over in handfuls. Whoever is
 * to be turned away does not get it, for with it a connection ends a moment later, when a request of his may have been taken.
 */
final class JoinedFlushes {

    private static final int MOST = 64;

    private JoinedFlushes() {}

    /** Call it on the connection's event loop, when {@link LingeringClose} is there, which must find nothing unwritten. */
    static void of(HttpConnection connection) {
        ChannelPipeline pipeline =
                ((HttpServerConnection) connection).channelHandlerContext().pipeline();
        pipeline.addAfter(pipeline.context(LingeringClose.class).name(), null, joining());
    }

    /** Call it on the connection's event loop. */
    static void of(NetSocket socket) {
        ((NetSocketInternal) socket).channelHandlerContext().pipeline().addFirst(joining());
    }

    private static FlushConsolidationHandler joining() {
        return new FlushConsolidationHandler(MOST, true);
    }
}
