package org.kiln.perf.bench;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * As much of an HTTP/2 client (RFC 9113) as a measurement needs that must leave the processors to the server: POST requests whose
 * header fields are written as they are, answers of which the status alone is looked at.
 */
final class Http2Connection implements AutoCloseable {

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final int DATA = 0x0;
    private static final int HEADERS = 0x1;
    private static final int RST_STREAM = 0x3;
    private static final int SETTINGS = 0x4;
    private static final int PING = 0x6;
    private static final int GOAWAY = 0x7;
    private static final int WINDOW_UPDATE = 0x8;

    private static final int ACK = 0x1;
    private static final int END_STREAM = 0x1;
    private static final int END_HEADERS = 0x4;
    private static final int PRIORITY = 0x20;
    private static final int PRIORITY_OCTETS = 5;

    private static final int ENABLE_PUSH = 0x2;
    private static final int MAX_CONCURRENT_STREAMS = 0x3;
    private static final int INITIAL_WINDOW_SIZE = 0x4;
    private static final int SETTING_OCTETS = 6;
    private static final int LARGEST_WINDOW = Integer.MAX_VALUE;
    private static final int FIRST_WINDOW = 65_535;
    private static final long WINDOW_STEP = 1L << 30;

    /** Of HPACK's static table (RFC 7541, Appendix A), as a whole field or as a name. */
    private static final int METHOD_POST = 0x83;

    private static final int SCHEME_HTTP = 0x86;
    private static final int STATUS_200 = 0x88;
    private static final int AUTHORITY = 0x01;
    private static final int PATH = 0x04;
    private static final int[] CONTENT_TYPE = {0x0f, 0x10};
    private static final int NEW_NAME = 0x00;
    private static final int TABLE_SIZE = 0x20;
    private static final int TABLE_SIZE_MASK = 0xe0;

    private static final int BUFFER = 1 << 16;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final String authority;
    private final boolean[] good = new boolean[BUFFER];
    private int next = 1;
    private int mostAtATime = Integer.MAX_VALUE;
    private long unread;

    /** Connects and takes the server's settings. */
    Http2Connection(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER));
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), BUFFER));
        authority = "127.0.0.1:" + port;
        out.write(PREFACE);
        frame(2 * SETTING_OCTETS, SETTINGS, 0, 0);
        setting(ENABLE_PUSH, 0);
        setting(INITIAL_WINDOW_SIZE, LARGEST_WINDOW);
        windowUpdate(LARGEST_WINDOW - FIRST_WINDOW);
        out.flush();
        while (!read((_, _) -> {})) {}
    }

    private void setting(int name, int value) throws IOException {
        out.writeShort(name);
        out.writeInt(value);
    }

    private void windowUpdate(int octets) throws IOException {
        frame(4, WINDOW_UPDATE, 0, 0);
        out.writeInt(octets);
    }

    private void frame(int length, int type, int flags, int stream) throws IOException {
        out.writeByte(length >> 16);
        out.writeShort(length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
    }

    /** Requests that the server takes at a time. */
    int mostAtATime() {
        return mostAtATime;
    }

    /** What comes of requests. */
    interface Listener {

        /** @param ok whether the status was 200 */
        void ended(int number, boolean ok) throws IOException;

        /** A part of the answer's body. */
        default void body(int number, byte[] part) throws IOException {}
    }

    /**
     * Writes a request with a body of JSON; {@link #flush} sends it.
     *
     * @return its number: 0, 1, …
     */
    int post(String path, byte[] body) throws IOException {
        synchronized (out) {
            int number = head(path, "application/json", List.of());
            body(number, body, true);
            return number;
        }
    }

    /** Writes the header fields of a gRPC call, whose messages follow. */
    int call(String path) throws IOException {
        synchronized (out) {
            return head(path, "application/grpc", List.of("te", "trailers"));
        }
    }

    private int head(String path, String contentType, List<String> field) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(METHOD_POST);
        block.write(SCHEME_HTTP);
        block.write(AUTHORITY);
        put(block, authority);
        block.write(PATH);
        put(block, path);
        block.write(CONTENT_TYPE[0]);
        block.write(CONTENT_TYPE[1]);
        put(block, contentType);
        if (!field.isEmpty()) {
            block.write(NEW_NAME);
            field.forEach(text -> put(block, text));
        }
        int stream = next;
        next += 2;
        frame(block.size(), HEADERS, END_HEADERS, stream);
        block.writeTo(out);
        return stream / 2;
    }

    /** A text without Huffman's code, of a length of one octet. */
    private static void put(ByteArrayOutputStream block, String text) {
        byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
        if (octets.length >= 0x7f) {
            throw new IllegalArgumentException("a text of " + octets.length + " octets");
        }
        block.write(octets.length);
        block.writeBytes(octets);
    }

    /** Writes a part of a request's body. */
    void body(int number, byte[] part, boolean last) throws IOException {
        synchronized (out) {
            frame(part.length, DATA, last ? END_STREAM : 0, 2 * number + 1);
            out.write(part);
        }
    }

    void flush() throws IOException {
        synchronized (out) {
            out.flush();
        }
    }

    /** Whether more can be read at once. */
    boolean isReady() throws IOException {
        return in.available() > 0;
    }

    /** Takes a frame; true if it was the server's settings. */
    boolean read(Listener answered) throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] content = in.readNBytes(length);
        switch (type) {
            case HEADERS -> {
                good[stream / 2 % BUFFER] |= isOk(content, (flags & PRIORITY) == 0 ? 0 : PRIORITY_OCTETS);
                end(flags, stream, answered);
            }
            case DATA -> {
                unread += length;
                if (unread > WINDOW_STEP) {
                    control(() -> windowUpdate((int) unread));
                    unread = 0;
                }
                answered.body(stream / 2, content);
                end(flags, stream, answered);
            }
            case RST_STREAM -> answered.ended(stream / 2, false);
            case SETTINGS -> {
                if ((flags & ACK) == 0) {
                    take(content);
                    control(() -> frame(0, SETTINGS, ACK, 0));
                    return true;
                }
            }
            case PING -> {
                if ((flags & ACK) == 0) {
                    control(() -> {
                        frame(content.length, PING, ACK, 0);
                        out.write(content);
                    });
                }
            }
            case GOAWAY -> throw new IOException("the server takes no more requests");
            default -> {}
        }
        return false;
    }

    /** The first field of an answer is its status; changes of the table's size may come before it. */
    private static boolean isOk(byte[] fields, int from) {
        int at = from;
        while (at < fields.length && (fields[at] & TABLE_SIZE_MASK) == TABLE_SIZE) {
            at++;
        }
        return at < fields.length && (fields[at] & 0xff) == STATUS_200;
    }

    private void end(int flags, int stream, Listener answered) throws IOException {
        if ((flags & END_STREAM) != 0) {
            answered.ended(stream / 2, good[stream / 2 % BUFFER]);
        }
    }

    private void take(byte[] settings) {
        ByteBuffer each = ByteBuffer.wrap(settings);
        while (each.remaining() >= SETTING_OCTETS) {
            short name = each.getShort();
            int value = each.getInt();
            if (name == MAX_CONCURRENT_STREAMS) {
                mostAtATime = value < 0 ? Integer.MAX_VALUE : value;
            }
        }
    }

    private interface Writing {
        void run() throws IOException;
    }

    private void control(Writing frame) throws IOException {
        synchronized (out) {
            frame.run();
            out.flush();
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new BenchException("a connection cannot be closed: " + e.getMessage(), e);
        }
    }
}
