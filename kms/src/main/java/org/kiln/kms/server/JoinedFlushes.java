package org.kiln.kms.server;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.flush.FlushConsolidationHandler;

/** Answers of one connection that are ready together leave in one write to the socket: lanes hand them over in handfuls. */
final class JoinedFlushes {

    private static final int MOST = 64;

    private JoinedFlushes() {}

    /** Call it on the connection's event loop, before anything else is put first. */
    static void of(ChannelPipeline pipeline) {
        pipeline.addFirst(new FlushConsolidationHandler(MOST, true));
    }
}
