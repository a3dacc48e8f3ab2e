package org.kiln.kms.gsup;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.kiln.kms.aka.AuthenticationVector;

/** An Osmocom peer, written from the protocol's description and sharing no code with Kiln's side of it. */
public final class GsupPeer implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private final DataInputStream in;

    public GsupPeer(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
    }

    /** A message taken apart: elements by identifier; those that come again are in {@code tuples}. */
    public record Message(int type, Map<Integer, String> elements, List<AuthenticationVector> tuples) {

        static Message parse(byte[] octets) {
            List<AuthenticationVector> tuples = new ArrayList<>();
            Map<Integer, String> elements = new TreeMap<>();
            for (int at = 1; at < octets.length; at += 2 + (octets[at + 1] & 0xff)) {
                byte[] value = Arrays.copyOfRange(octets, at + 2, at + 2 + (octets[at + 1] & 0xff));
                if (octets[at] == 0x03) {
                    tuples.add(tuple(value));
                } else {
                    elements.put(octets[at] & 0xff, HexFormat.of().formatHex(value));
                }
            }
            return new Message(octets[0] & 0xff, elements, tuples);
        }

        private static AuthenticationVector tuple(byte[] octets) {
            byte[][] parts = new byte[0x28][];
            for (int at = 0; at < octets.length; at += 2 + octets[at + 1]) {
                parts[octets[at]] = Arrays.copyOfRange(octets, at + 2, at + 2 + octets[at + 1]);
            }
            return parts[0x25] == null
                    ? new AuthenticationVector.Gsm(parts[0x20], parts[0x21], parts[0x22])
                    : new AuthenticationVector.Umts(parts[0x20], parts[0x25], parts[0x27], parts[0x24], parts[0x23]);
        }

        public String cause() {
            return elements.getOrDefault(0x02, "none");
        }
    }

    /** The elements' octets of an IMSI. */
    static String imsi(String digits) {
        StringBuilder tbcd = new StringBuilder();
        String even = digits.length() % 2 == 0 ? digits : digits + "f";
        for (int i = 0; i < even.length(); i += 2) {
            tbcd.append(even.charAt(i + 1)).append(even.charAt(i));
        }
        return element(0x01, tbcd.toString());
    }

    static String element(int identifier, String hex) {
        return "%02x%02x%s".formatted(identifier, hex.length() / 2, hex);
    }

    static String name(int identifier, String name) {
        return element(identifier, HexFormat.of().formatHex(name.getBytes(StandardCharsets.US_ASCII)));
    }

    /** A frame with this message, both in hexadecimal. */
    static String frame(String message) {
        return "%04xee05%s".formatted(1 + message.length() / 2, message);
    }

    public void sendRaw(String hex) throws IOException {
        socket.getOutputStream().write(HexFormat.of().parseHex(hex));
    }

    public void send(String message) throws IOException {
        sendRaw(frame(message));
    }

    /** The next frame, in hexadecimal with its header. */
    public String receiveRaw() throws IOException {
        byte[] header = in.readNBytes(3);
        int length = ((header[0] & 0xff) << 8) | (header[1] & 0xff);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(header);
        frame.write(in.readNBytes(length));
        return HexFormat.of().formatHex(frame.toByteArray());
    }

    public Message receive() throws IOException {
        String raw = receiveRaw();
        if (!raw.substring(4, 8).equals("ee05")) {
            throw new IOException("no GSUP frame: " + raw.substring(0, 8));
        }
        return Message.parse(HexFormat.of().parseHex(raw.substring(8)));
    }

    public Message ask(String message) throws IOException {
        send(message);
        return receive();
    }

    /** Whether the other side has ended the connection. */
    public boolean ended() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
