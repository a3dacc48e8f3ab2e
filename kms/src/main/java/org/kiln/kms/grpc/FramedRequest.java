package org.kiln.kms.grpc;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.internal.http.HttpServerRequestWrapper;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A call whose framing is looked at before the library takes it apart, which answers some faults with nothing at all, and others as if
 * they were none. What comes after a fault is dropped.
 */
final class FramedRequest extends HttpServerRequestWrapper {

    private static final int HEADER = 5;

    private final boolean unary;
    private final int largest;
    private final ByteBuffer header = ByteBuffer.allocate(HEADER);
    private int left;
    private int messages;
    private boolean broken;
    private Consumer<FramingFault> onFault = fault -> {};

    /**
     * @param unary whether the call has exactly one message
     * @param largest octets of a message
     */
    FramedRequest(HttpServerRequest request, boolean unary, int largest) {
        super((HttpServerRequestInternal) request);
        this.unary = unary;
        this.largest = largest;
    }

    /** Is told of the first fault. */
    void onFault(Consumer<FramingFault> handler) {
        onFault = handler;
    }

    boolean isBroken() {
        return broken;
    }

    @Override
    public HttpServerRequest handler(@Nullable Handler<Buffer> handler) {
        super.handler(handler == null ? null : octets -> take(octets, handler));
        return this;
    }

    @Override
    public HttpServerRequest endHandler(@Nullable Handler<Void> handler) {
        super.endHandler(handler == null ? null : end -> finish(handler));
        return this;
    }

    private void take(Buffer octets, Handler<Buffer> handler) {
        if (broken) {
            return;
        }
        FramingFault fault = fault(octets);
        if (fault == null) {
            handler.handle(octets);
        } else {
            fail(fault);
        }
    }

    private @Nullable FramingFault fault(Buffer octets) {
        int at = 0;
        while (at < octets.length()) {
            if (left > 0) {
                int passed = Math.min(left, octets.length() - at);
                left -= passed;
                at += passed;
            } else {
                header.put(octets.getByte(at));
                at++;
            }
            if (!header.hasRemaining()) {
                FramingFault fault = begin(header.get(0), header.getInt(1));
                if (fault != null) {
                    return fault;
                }
                header.clear();
            }
        }
        return null;
    }

    private @Nullable FramingFault begin(byte flag, int length) {
        messages++;
        if (unary && messages > 1) {
            return FramingFault.NOT_ONE_MESSAGE;
        }
        if (flag == 1) {
            String encoding = getHeader("grpc-encoding");
            return encoding == null || encoding.equals("identity")
                    ? FramingFault.NO_ENCODING
                    : FramingFault.UNKNOWN_ENCODING;
        }
        if (flag != 0) {
            return FramingFault.NO_FLAG;
        }
        if (Integer.compareUnsigned(length, largest) > 0) {
            return FramingFault.TOO_LARGE;
        }
        left = length;
        return null;
    }

    private void finish(Handler<Void> handler) {
        if (broken) {
            return;
        }
        if (left > 0 || header.position() > 0) {
            fail(FramingFault.CUT_OFF);
        } else if (unary && messages == 0) {
            fail(FramingFault.NOT_ONE_MESSAGE);
        } else {
            handler.handle(null);
        }
    }

    private void fail(FramingFault fault) {
        broken = true;
        onFault.accept(fault);
    }
}
