package org.kiln.kms.server;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** HTTP/2 by prior knowledge, frame by frame (RFC 9113), each of them as wrong as a test wants it. */
final class RawHttp2 implements AutoCloseable {

    static final int DATA = 0x0;
    static final int HEADERS = 0x1;
    static final int RST_STREAM = 0x3;
    static final int SETTINGS = 0x4;
    static final int PING = 0x6;
    static final int GOAWAY = 0x7;
    static final int WINDOW_UPDATE = 0x8;
    static final int CONTINUATION = 0x9;

    static final int END_STREAM = 0x1;
    static final int ACK = 0x1;
    static final int END_HEADERS = 0x4;

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;

    RawHttp2(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        write(SETTINGS, 0, 0, new byte[0]);
    }

    record Frame(int type, int flags, int stream, byte[] payload) {

        /** The error code of RST_STREAM or GOAWAY. */
        int error() {
            return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
        }
    }

    static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    RawHttp2 write(int type, int flags, int stream, byte[] payload) throws IOException {
        out.write(frame(type, flags, stream, payload));
        return this;
    }

    /** Writes until the peer has closed the connection, or {@code most} times. */
    boolean isEndedBy(byte[] octets, int most) throws IOException {
        try {
            for (int i = 0; i < most; i++) {
                out.write(octets);
            }
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    /** A header block of literals without index and without Huffman's code (RFC 7541 clause 6.2.2). */
    static byte[] block(String... namesAndValues) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            block.write(0);
            string(block, namesAndValues[i]);
            string(block, namesAndValues[i + 1]);
        }
        return block.toByteArray();
    }

    private static void string(ByteArrayOutputStream block, String text) {
        byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
        if (octets.length < 127) {
            block.write(octets.length);
        } else {
            block.write(127);
            int rest = octets.length - 127;
            for (; rest >= 128; rest >>>= 7) {
                block.write(rest & 127 | 128);
            }
            block.write(rest);
        }
        block.writeBytes(octets);
    }

    /** The header block of a POST of JSON. */
    static byte[] post(String path, String... more) {
        byte[] first = block(
                ":method",
                "POST",
                ":scheme",
                "http",
                ":authority",
                "x",
                ":path",
                path,
                "content-type",
                "application/json");
        byte[] second = block(more);
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    /** The next frame, or none if the peer has ended the connection. */
    Optional<Frame> next() throws IOException {
        try {
            int head = in.readInt();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            byte[] payload = in.readNBytes(head >>> 8);
            return Optional.of(new Frame(head & 0xff, flags, stream, payload));
        } catch (IOException e) {
            if (e instanceof java.net.SocketTimeoutException) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** The first frame that ends this stream, by an answer or a reset, or the connection; none if the connection just ends. */
    Optional<Frame> outcome(int stream) throws IOException {
        for (Optional<Frame> read = next(); read.isPresent(); read = next()) {
            Frame frame = read.get();
            if (frame.type() == GOAWAY
                    || frame.stream() == stream
                            && Map.of(HEADERS, 1, RST_STREAM, 1).containsKey(frame.type())) {
                return read;
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
