package org.kiln.kms.gsup;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.function.Consumer;
import org.kiln.kms.gsup.GsupException.BrokenStream;

/** Takes a stream apart into frames, whatever the pieces it comes in. Holds one frame at most. */
final class IpaDecoder {

    private final Consumer<IpaFrame> frames;
    private final byte[] held = new byte[IpaFrame.HEADER + IpaFrame.LARGEST];
    private int filled;

    IpaDecoder(Consumer<IpaFrame> frames) {
        this.frames = frames;
    }

    /**
     * Takes the next octets.
     *
     * @throws BrokenStream if they are no frames of GSUP; nothing more may be fed then
     */
    void feed(Buffer octets) {
        int at = 0;
        while (at < octets.length()) {
            int wanted = filled < IpaFrame.HEADER ? IpaFrame.HEADER : IpaFrame.HEADER + carried();
            int taken = Math.min(wanted - filled, octets.length() - at);
            octets.getBytes(at, at + taken, held, filled);
            at += taken;
            filled += taken;
            if (filled == IpaFrame.HEADER) {
                checkHeader();
            } else if (filled > IpaFrame.HEADER && filled == IpaFrame.HEADER + carried()) {
                filled = 0;
                frames.accept(frame());
            }
        }
    }

    /** Whether a frame has begun and is not whole. */
    boolean isInside() {
        return filled > 0;
    }

    private int carried() {
        return ((held[0] & 0xff) << 8) | (held[1] & 0xff);
    }

    private void checkHeader() {
        int protocol = held[2] & 0xff;
        if (protocol != IpaFrame.PROTOCOL_CCM && protocol != IpaFrame.PROTOCOL_OSMO) {
            throw new BrokenStream("a frame of IPA protocol " + protocol + ", which this port does not speak");
        }
        if (carried() == 0 || carried() > IpaFrame.LARGEST) {
            throw new BrokenStream("a frame of " + carried() + " octets; 1 to " + IpaFrame.LARGEST + " are taken");
        }
    }

    private IpaFrame frame() {
        int first = held[IpaFrame.HEADER] & 0xff;
        if ((held[2] & 0xff) == IpaFrame.PROTOCOL_CCM) {
            return new IpaFrame.Ccm(first);
        }
        if (first != IpaFrame.EXTENSION_GSUP || carried() == 1) {
            throw new BrokenStream("a frame that is not GSUP; if the peer is set up for OAP, switch it off there");
        }
        return new IpaFrame.Gsup(Arrays.copyOfRange(held, IpaFrame.HEADER + 1, IpaFrame.HEADER + carried()));
    }
}
