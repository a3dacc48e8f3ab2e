package org.kiln.kms.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.flush.FlushConsolidationHandler;

/**
 * Answers that are ready at the same time leave in one system call. What is written waits for what the event loop has been given
 * to do by then, not for a time.
 */
final class GatheredWrites {

    private static final int MOST = 64;

    private GatheredWrites() {}

    /**
     * Call it on the connection's event loop, before its first request.
     *
     * @param context of the handler that writes
     */
    static void of(ChannelHandlerContext context) {
        context.pipeline().addBefore(context.name(), "gathered-writes", new FlushConsolidationHandler(MOST, true));
    }
}
