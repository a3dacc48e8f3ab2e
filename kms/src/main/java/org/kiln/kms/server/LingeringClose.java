package org.kiln.kms.server;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection so that the caller reads all that was sent to him. A socket that is closed while the caller still
 * writes makes his side drop what he has not read yet: the GOAWAY that says which of his requests were not taken, or an
 * answer (RFC 9112, 9.6). So this side ends its own half first, and closes when the caller has ended his or a second is
 * over; what arrives in between is dropped.
 */
final class LingeringClose extends ChannelDuplexHandler {

    private static final int LONGEST_MILLIS = 1_000;

    private @Nullable ChannelPromise closing;

    private LingeringClose() {}

    /** Call it on the connection's event loop, before its first request. */
    static void of(HttpConnection connection) {
        ChannelPipeline pipeline =
                ((HttpServerConnection) connection).channelHandlerContext().pipeline();
        pipeline.addFirst(new LingeringClose());
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the promise is told
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        if (closing == null && context.channel() instanceof DuplexChannel channel && channel.isActive()) {
            closing = promise;
            channel.shutdownOutput();
            channel.eventLoop()
                    .schedule((Runnable) () -> context.close(promise), LONGEST_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            context.close(promise);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (closing == null) {
            context.fireChannelRead(message);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (closing != null) {
            closing.trySuccess();
        }
        context.fireChannelInactive();
    }
}
