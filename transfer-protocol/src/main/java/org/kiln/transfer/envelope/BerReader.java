package org.kiln.transfer.envelope;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Walks BER (ITU-T X.690 clause 8) element by element in constant memory. It knows definite and indefinite lengths, keeps
 * every element within the one that holds it, and bounds what it takes into memory, so that no file can fill it.
 */
final class BerReader {

    static final int SEQUENCE = 0x30;
    static final int SET = 0x31;
    static final int INTEGER = 0x02;
    static final int OCTET_STRING = 0x04;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int CONSTRUCTED = 0x20;

    /** What {@link #peek()} returns where the element that is entered has no more. */
    static final int END = -1;

    private static final int NONE = -2;
    private static final int NO_SEGMENTS = 0;
    private static final long INDEFINITE = -1;
    private static final int MAX_DEPTH = 32;

    private final InputStream in;
    private final Deque<Level> levels = new ArrayDeque<>();
    private long position;
    private int peeked = NONE;

    /** @param end where the element ends, or INDEFINITE; limit where it ends at the latest */
    private record Level(long end, long limit) {}

    BerReader(InputStream in) {
        this.in = new BufferedInputStream(in, 1 << 15);
    }

    /** The tag of context-specific element {@code number}, constructed. */
    static int context(int number) {
        return 0xA0 | number;
    }

    /** The identifier octet of the next element, or {@link #END}. */
    int peek() throws IOException {
        Level level = levels.peek();
        if (level != null && level.end == position && peeked == NONE) {
            return END;
        }
        if (peeked == NONE) {
            peeked = octet();
        }
        return level != null && level.end == INDEFINITE && peeked == 0 ? END : peeked;
    }

    /** Goes into the next element, which is constructed. */
    void enter(int tag) throws IOException {
        expect(tag);
        peeked = NONE;
        push(length(null));
    }

    /** Goes out of the element last entered, which must have no more. */
    void leave() throws IOException {
        if (peek() != END) {
            throw new EnvelopeException.NotCms("an element it does not expect, with tag " + hex(peeked));
        }
        Level level = levels.pop();
        if (level.end == INDEFINITE) {
            peeked = NONE;
            if (octet() != 0) {
                throw new EnvelopeException.NotCms("a wrong end-of-contents");
            }
        }
    }

    /** The whole next element, tag and length included. */
    byte[] element(int tag, int maxOctets) throws IOException {
        expect(tag);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        copy(out, maxOctets, 0);
        return out.toByteArray();
    }

    /** The octets of the next element, a string in one piece or in segments; {@code tag} is that of the one piece. */
    InputStream octets(int tag) throws IOException {
        boolean segments = peek() == (tag | CONSTRUCTED);
        if (segments) {
            enter(tag | CONSTRUCTED);
            return new Octets(levels.size(), 0);
        }
        expect(tag);
        peeked = NONE;
        return new Octets(NO_SEGMENTS, definite());
    }

    /** Requires that nothing follows. */
    void end() throws IOException {
        if (!levels.isEmpty()) {
            throw new IllegalStateException("still inside an element");
        }
        if (peeked != NONE || in.read() >= 0) {
            throw new EnvelopeException.NotCms("something follows its end");
        }
    }

    private void expect(int tag) throws IOException {
        int found = peek();
        if (found != tag) {
            throw new EnvelopeException.NotCms("an element with tag " + hex(found) + " where " + hex(tag) + " belongs");
        }
    }

    private void copy(ByteArrayOutputStream out, int max, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new EnvelopeException.NotCms("elements nested too deep");
        }
        int tag = peek();
        peeked = NONE;
        out.write(tag);
        if ((tag & 0x1F) == 0x1F) {
            copyLongTag(out);
        }
        long length = length(out);
        if (out.size() > max || length > max - out.size()) {
            throw new EnvelopeException.NotCms("an element longer than Kiln's bound of " + max + " octets");
        }
        if ((tag & CONSTRUCTED) == 0) {
            requireDefinite(length);
            copyOctets(out, (int) length);
            return;
        }
        push(length);
        while (peek() != END) {
            copy(out, max, depth + 1);
        }
        leave();
        if (length == INDEFINITE) {
            out.write(0);
            out.write(0);
        }
    }

    private void copyLongTag(ByteArrayOutputStream out) throws IOException {
        int octets = 0;
        int next;
        do {
            next = octet();
            out.write(next);
            if (++octets > 4) {
                throw new EnvelopeException.NotCms("a tag number too large");
            }
        } while ((next & 0x80) != 0);
    }

    private void copyOctets(ByteArrayOutputStream out, int length) throws IOException {
        requireRoom(length);
        byte[] value = in.readNBytes(length);
        if (value.length < length) {
            throw new EnvelopeException.Truncated();
        }
        position += length;
        out.writeBytes(value);
    }

    private long definite() throws IOException {
        long length = length(null);
        requireDefinite(length);
        requireRoom(length);
        return length;
    }

    private void push(long length) throws IOException {
        long limit = limit();
        if (length == INDEFINITE) {
            levels.push(new Level(INDEFINITE, limit));
        } else {
            requireRoom(length);
            levels.push(new Level(position + length, position + length));
        }
        if (levels.size() > 2 * MAX_DEPTH) {
            throw new EnvelopeException.NotCms("elements nested too deep");
        }
    }

    private long length(@Nullable ByteArrayOutputStream copy) throws IOException {
        int first = octet();
        if (copy != null) {
            copy.write(first);
        }
        if (first < 0x80) {
            return first;
        }
        if (first == 0x80) {
            return INDEFINITE;
        }
        int count = first & 0x7F;
        if (count > Long.BYTES) {
            throw new EnvelopeException.NotCms("a length of " + count + " octets");
        }
        long length = 0;
        for (int i = 0; i < count; i++) {
            int next = octet();
            if (copy != null) {
                copy.write(next);
            }
            length = length << 8 | next;
        }
        if (length < 0) {
            throw new EnvelopeException.NotCms("a length beyond all bounds");
        }
        return length;
    }

    private int octet() throws IOException {
        requireRoom(1);
        int octet = in.read();
        if (octet < 0) {
            throw new EnvelopeException.Truncated();
        }
        position++;
        return octet;
    }

    private long limit() {
        Level level = levels.peek();
        return level == null ? Long.MAX_VALUE : level.limit;
    }

    private void requireRoom(long octets) throws EnvelopeException {
        if (octets > limit() - position) {
            throw new EnvelopeException.NotCms("an element longer than the one that holds it");
        }
    }

    private static void requireDefinite(long length) throws EnvelopeException {
        if (length == INDEFINITE) {
            throw new EnvelopeException.NotCms("a primitive element without length");
        }
    }

    private static String hex(int tag) {
        return tag == END ? "'end'" : String.format(Locale.ROOT, "%02X", tag);
    }

    /** An octet string's octets, across its segments. */
    private final class Octets extends InputStream {

        private final int base;
        private long remaining;
        private boolean ended;

        /** @param base the depth at which the segments lie, or NO_SEGMENTS */
        Octets(int base, long remaining) {
            this.base = base;
            this.remaining = remaining;
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
            while (remaining == 0 && !ended) {
                nextSegment();
            }
            if (ended) {
                return -1;
            }
            int count = in.read(buffer, offset, (int) Math.min(length, remaining));
            if (count < 0) {
                throw new EnvelopeException.Truncated();
            }
            position += count;
            remaining -= count;
            return count;
        }

        private void nextSegment() throws IOException {
            if (base == NO_SEGMENTS) {
                ended = true;
                return;
            }
            switch (peek()) {
                case END -> {
                    leave();
                    ended = levels.size() < base;
                }
                case OCTET_STRING -> {
                    peeked = NONE;
                    remaining = definite();
                }
                case OCTET_STRING | CONSTRUCTED -> enter(OCTET_STRING | CONSTRUCTED);
                default -> throw new EnvelopeException.NotCms("a segment that is no OCTET STRING");
            }
        }
    }
}
