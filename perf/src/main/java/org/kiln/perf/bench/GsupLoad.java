package org.kiln.perf.bench;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * SendAuthInfo over GSUP in a closed loop: some connections, each with so many requests on their way. The same bytes go to
 * Kiln and to the peer.
 */
final class GsupLoad {

    private static final int CONNECTIONS = 4;
    private static final int AT_A_TIME = 32;

    private static final int IPA_CCM = 0xfe;
    private static final int IPA_OSMO = 0xee;
    private static final int GSUP = 0x05;
    private static final int ID_GET = 0x04;
    private static final int ID_RESP = 0x05;
    private static final int ID_ACK = 0x06;
    private static final int PING = 0x00;
    private static final int PONG = 0x01;
    private static final int SERIAL_NUMBER = 0x00;
    private static final int UNIT_NAME = 0x01;
    private static final int UNIT = 0x08;
    private static final int MOST_IDENTITY = 128;
    private static final int SEND_AUTH_INFO = 0x08;
    private static final int SEND_AUTH_INFO_RESULT = 0x0a;
    private static final int IMSI = 0x01;
    private static final long NANOS = 1_000_000_000L;
    private static final int TIMEOUT_MS = 20_000;

    private final int port;
    private final int subscribers;
    private final int seconds;

    /** @param subscribers asked for in turn */
    GsupLoad(int port, int subscribers, int seconds) {
        this.port = port;
        this.subscribers = subscribers;
        this.seconds = seconds;
    }

    /** Requests answered with vectors in a second. */
    double rate() {
        List<Future<Double>> rates = new ArrayList<>();
        try (ExecutorService callers = Executors.newFixedThreadPool(CONNECTIONS)) {
            for (int i = 0; i < CONNECTIONS; i++) {
                int first = i;
                Callable<Double> caller = () -> rate(first);
                rates.add(callers.submit(caller));
            }
        }
        double sum = 0;
        for (Future<Double> rate : rates) {
            try {
                sum += rate.get();
            } catch (ExecutionException e) {
                throw new BenchException("GSUP on port " + port + ": " + e.getCause(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BenchException("interrupted", e);
            }
        }
        return sum;
    }

    private double rate(int first) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
                OutputStream out = new BufferedOutputStream(socket.getOutputStream())) {
            socket.setSoTimeout(TIMEOUT_MS);
            socket.setTcpNoDelay(true);
            while (control(in, out, first) != ID_GET) {}
            int next = first;
            for (int i = 0; i < AT_A_TIME; i++, next += CONNECTIONS) {
                out.write(request(next % subscribers));
            }
            out.flush();
            long start = System.nanoTime();
            long answered = 0;
            int outstanding = AT_A_TIME;
            while (outstanding > 0) {
                if (!answer(in, out, first)) {
                    continue;
                }
                answered++;
                if (System.nanoTime() - start < seconds * NANOS) {
                    out.write(request(next % subscribers));
                    next += CONNECTIONS;
                } else {
                    outstanding--;
                }
                if (in.available() == 0) {
                    out.flush();
                }
            }
            return answered * (double) NANOS / (System.nanoTime() - start);
        }
    }

    private record Frame(int protocol, byte[] content) {

        static Frame read(DataInputStream in) throws IOException {
            int length = in.readUnsignedShort();
            int protocol = in.readUnsignedByte();
            byte[] content = in.readNBytes(length);
            if (content.length < length || length == 0) {
                throw new IOException("the connection was closed");
            }
            return new Frame(protocol, content);
        }
    }

    /** Takes a frame; true if it is the answer to a request. */
    private static boolean answer(DataInputStream in, OutputStream out, int name) throws IOException {
        Frame frame = Frame.read(in);
        if (frame.protocol == IPA_CCM) {
            control(frame.content[0], out, name);
            return false;
        }
        if (frame.protocol != IPA_OSMO || frame.content[0] != GSUP || frame.content.length < 2) {
            return false;
        }
        if (frame.content[1] != SEND_AUTH_INFO_RESULT) {
            throw new IOException("a request was answered by a message of type " + frame.content[1]);
        }
        return true;
    }

    /** Takes a frame before the first request; returns its type. */
    private static int control(DataInputStream in, OutputStream out, int name) throws IOException {
        Frame frame = Frame.read(in);
        if (frame.protocol != IPA_CCM) {
            throw new IOException("the peer did not ask who calls");
        }
        control(frame.content[0], out, name);
        return frame.content[0];
    }

    private static void control(int type, OutputStream out, int name) throws IOException {
        switch (type) {
            case PING -> out.write(new byte[] {0, 1, (byte) IPA_CCM, PONG});
            case ID_GET -> out.write(identity(("kiln-bench-" + name + "\0").getBytes(StandardCharsets.US_ASCII)));
            case ID_ACK -> out.write(new byte[] {0, 1, (byte) IPA_CCM, ID_ACK});
            default -> {
                return;
            }
        }
        out.flush();
    }

    /** The answer to who calls: a unit, and a name as serial number, by which OsmoHLR knows a peer, and as unit name. */
    private static byte[] identity(byte[] name) {
        ByteBuffer frame = ByteBuffer.allocate(MOST_IDENTITY);
        frame.putShort((short) 0).put((byte) IPA_CCM).put((byte) ID_RESP);
        put(frame, UNIT, "0/0/0\0".getBytes(StandardCharsets.US_ASCII));
        put(frame, SERIAL_NUMBER, name);
        put(frame, UNIT_NAME, name);
        frame.putShort(0, (short) (frame.position() - 3));
        return Arrays.copyOf(frame.array(), frame.position());
    }

    private static void put(ByteBuffer frame, int tag, byte[] value) {
        frame.putShort((short) (1 + value.length)).put((byte) tag).put(value);
    }

    /** The request for the subscriber of that number. */
    static byte[] request(int number) {
        String imsi = imsi(number);
        int octets = (imsi.length() + 1) / 2;
        byte[] frame = new byte[3 + 1 + 1 + 2 + octets];
        frame[1] = (byte) (frame.length - 3);
        frame[2] = (byte) IPA_OSMO;
        frame[3] = GSUP;
        frame[4] = SEND_AUTH_INFO;
        frame[5] = IMSI;
        frame[6] = (byte) octets;
        for (int i = 0; i < 2 * octets; i++) {
            int digit = i < imsi.length() ? imsi.charAt(i) - '0' : 0xf;
            frame[7 + i / 2] |= (byte) (digit << (4 * (i % 2)));
        }
        return frame;
    }

    /** As the scratch data names its subscribers. */
    static String imsi(int number) {
        return "00101%010d".formatted(number);
    }

    /** As it is put into a report. */
    String how() {
        return CONNECTIONS + " connections with " + AT_A_TIME + " requests on their way each, " + subscribers
                + " subscribers in turn";
    }
}
