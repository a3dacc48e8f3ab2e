package org.kiln.kms.gsup;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Builds one GSUP message with its frame in one array, which is wiped when it is handed over. */
final class GsupWriter {

    private static final int FRAME_BEFORE_MESSAGE = IpaFrame.HEADER + 1;

    private final byte[] octets;
    private int length;

    /** @param most octets of all elements together, at most */
    GsupWriter(int type, int most) {
        octets = new byte[FRAME_BEFORE_MESSAGE + 1 + most];
        octets[2] = (byte) IpaFrame.PROTOCOL_OSMO;
        octets[3] = IpaFrame.EXTENSION_GSUP;
        octets[4] = (byte) type;
        length = FRAME_BEFORE_MESSAGE + 1;
    }

    /** Appends an element unless there is none. */
    GsupWriter element(int identifier, byte @Nullable [] value) {
        if (value != null) {
            int start = begin(identifier);
            System.arraycopy(value, 0, octets, length, value.length);
            length += value.length;
            end(start);
        }
        return this;
    }

    /** Begins an element that is made of elements. */
    int begin(int identifier) {
        octets[length++] = (byte) identifier;
        length++;
        return length;
    }

    /** Ends the element whose {@link #begin} gave {@code start}. */
    void end(int start) {
        octets[start - 1] = (byte) (length - start);
    }

    /** The frame as a buffer; this object's copy is wiped. */
    Buffer toBuffer() {
        int carried = length - IpaFrame.HEADER;
        octets[0] = (byte) (carried >>> 8);
        octets[1] = (byte) carried;
        Buffer buffer = Buffer.buffer(length).appendBytes(octets, 0, length);
        Arrays.fill(octets, (byte) 0);
        return buffer;
    }
}
