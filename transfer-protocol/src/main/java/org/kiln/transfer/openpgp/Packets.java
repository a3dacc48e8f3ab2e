package org.kiln.transfer.openpgp;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.bouncycastle.bcpg.BCPGInputStream;

/**
 * The packets of an OpenPGP stream (RFC 4880 clause 4.2), one after the other in constant memory: old and new lengths,
 * partial and indeterminate ones.
 */
final class Packets {

    /** What {@link #next} returns at the end. */
    static final int END = -1;

    private static final int MARK = 0x80;
    private static final int NEW_FORMAT = 0x40;
    private static final int NEW_TAG = 0x3F;
    private static final int OLD_INDETERMINATE = 3;
    private static final int ONE_OCTET = 192;
    private static final int PARTIAL = 224;
    private static final int FIVE_OCTETS = 255;
    private static final int LARGEST_PARTIAL = 30;
    private static final int MAX_SMALL = 1 << 14;

    private final InputStream in;
    private Body body = new Body(0, false);

    /** @param in buffered */
    Packets(InputStream in) {
        this.in = in;
    }

    /** The next packet's tag, after skipping what is left of the one before. */
    int next() throws IOException {
        body.transferTo(OutputStream.nullOutputStream());
        int header = in.read();
        if (header < 0) {
            return END;
        }
        if ((header & MARK) == 0) {
            throw new OpenPgpException.NotOpenPgp("something that is no packet");
        }
        if ((header & NEW_FORMAT) != 0) {
            body = newBody();
            return header & NEW_TAG;
        }
        body = oldBody(header & OLD_INDETERMINATE);
        return header >> 2 & 0x0F;
    }

    /** The content of the packet. */
    InputStream body() {
        return body;
    }

    /** The whole packet as Bouncy Castle reads it, which must be small. */
    BCPGInputStream small(int tag) throws IOException {
        byte[] octets = body.readNBytes(MAX_SMALL + 1);
        if (octets.length > MAX_SMALL) {
            throw new OpenPgpException.NotOpenPgp(
                    "a packet with tag " + tag + " of more than " + MAX_SMALL + " octets");
        }
        ByteArrayOutputStream packet = new ByteArrayOutputStream(octets.length + 6);
        packet.write(MARK | NEW_FORMAT | tag);
        packet.write(FIVE_OCTETS);
        for (int shift = 24; shift >= 0; shift -= Byte.SIZE) {
            packet.write(octets.length >> shift);
        }
        packet.writeBytes(octets);
        return new BCPGInputStream(new ByteArrayInputStream(packet.toByteArray()));
    }

    private Body newBody() throws IOException {
        int first = octet();
        return first >= PARTIAL && first < FIVE_OCTETS
                ? new Body(partial(first), true)
                : new Body(length(first), false);
    }

    private static long partial(int first) throws OpenPgpException {
        int exponent = first & 0x1F;
        if (exponent > LARGEST_PARTIAL) {
            throw new OpenPgpException.NotOpenPgp("a partial length beyond all bounds");
        }
        return 1L << exponent;
    }

    private long length(int first) throws IOException {
        if (first < ONE_OCTET) {
            return first;
        }
        return first < PARTIAL ? ((long) (first - ONE_OCTET) << Byte.SIZE) + octet() + ONE_OCTET : number(4);
    }

    private Body oldBody(int lengthType) throws IOException {
        return lengthType == OLD_INDETERMINATE
                ? new Body(Long.MAX_VALUE, false)
                : new Body(number(1 << lengthType), false);
    }

    private long number(int octets) throws IOException {
        long number = 0;
        for (int i = 0; i < octets; i++) {
            number = number << Byte.SIZE | octet();
        }
        return number;
    }

    private int octet() throws IOException {
        int octet = in.read();
        if (octet < 0) {
            throw new OpenPgpException.Truncated();
        }
        return octet;
    }

    /** A packet's octets, across its partial lengths. */
    private final class Body extends InputStream {

        private long remaining;
        private boolean more;

        /** @param more another length follows these octets */
        Body(long remaining, boolean more) {
            this.remaining = remaining;
            this.more = more;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            while (remaining == 0 && more) {
                int first = octet();
                more = first >= PARTIAL && first < FIVE_OCTETS;
                remaining = more ? partial(first) : length(first);
            }
            if (remaining == 0) {
                return -1;
            }
            int count = in.read(buffer, offset, (int) Math.min(length, remaining));
            if (count < 0) {
                if (remaining > Integer.MAX_VALUE * 4L) {
                    remaining = 0;
                    return -1;
                }
                throw new OpenPgpException.Truncated();
            }
            remaining -= count;
            return count;
        }
    }
}
