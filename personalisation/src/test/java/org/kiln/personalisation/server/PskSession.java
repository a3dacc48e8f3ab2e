package org.kiln.personalisation.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Map;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.BasicTlsPSKIdentity;
import org.bouncycastle.tls.PSKTlsClient;
import org.bouncycastle.tls.PSKTlsServer;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsClientProtocol;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsPSKIdentityManager;
import org.bouncycastle.tls.TlsProtocol;
import org.bouncycastle.tls.TlsServerProtocol;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/**
 * A session of SCP81: TLS 1.2 with a pre-shared key (GlobalPlatform Amendment B, TS 102 226 clause 9), the card its client
 * and the platform its server, both in this thread.
 *
 * @param suite the cipher suite both took
 * @param identity what the platform was told
 * @param received what each read of the other
 */
record PskSession(int suite, String identity, String received) {

    private static final String REQUEST = "POST /admin HTTP/1.1";
    private static final String ANSWER = "HTTP/1.1 204 No Content";

    /** There is no session. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message, IOException cause) {
            super(message, cause);
        }
    }

    /**
     * Opens one, sends a request and its answer.
     *
     * @param platformsKeys the PSKs that the platform has, by identity
     */
    static PskSession between(int suite, Map<String, byte[]> platformsKeys, String identity, byte[] psk)
            throws Refused {
        Card card = new Card(suite, identity, psk);
        Platform platform = new Platform(suite, platformsKeys);
        TlsClientProtocol client = new TlsClientProtocol();
        TlsServerProtocol server = new TlsServerProtocol();
        try {
            server.accept(platform);
            client.connect(card);
            exchange(client, server);
            write(client, REQUEST);
            exchange(client, server);
            String request = read(server);
            write(server, ANSWER);
            exchange(client, server);
            return new PskSession(platform.suite(), platform.told, request + " -> " + read(client));
        } catch (IOException e) {
            String alert = e instanceof TlsFatalAlert fatal
                    ? AlertDescription.getName(fatal.getAlertDescription())
                    : String.valueOf(e.getMessage());
            throw new Refused(alert, e);
        }
    }

    private static void exchange(TlsProtocol one, TlsProtocol other) throws IOException {
        while (one.getAvailableOutputBytes() + other.getAvailableOutputBytes() > 0) {
            other.offerInput(output(one));
            one.offerInput(output(other));
        }
    }

    private static byte[] output(TlsProtocol from) {
        byte[] octets = new byte[from.getAvailableOutputBytes()];
        from.readOutput(octets, 0, octets.length);
        return octets;
    }

    private static void write(TlsProtocol to, String text) throws IOException {
        byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
        to.writeApplicationData(octets, 0, octets.length);
    }

    private static String read(TlsProtocol from) {
        byte[] octets = new byte[from.getAvailableInputBytes()];
        from.readInput(octets, 0, octets.length);
        return new String(octets, StandardCharsets.US_ASCII);
    }

    private static final class Card extends PSKTlsClient {

        private final int suite;

        Card(int suite, String identity, byte[] psk) {
            super(new BcTlsCrypto(new SecureRandom()), new BasicTlsPSKIdentity(identity, psk));
            this.suite = suite;
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return ProtocolVersion.TLSv12.only();
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return new int[] {suite};
        }
    }

    private static final class Platform extends PSKTlsServer {

        private final int suite;
        private String told = "";

        Platform(int suite, Map<String, byte[]> keys) {
            super(new BcTlsCrypto(new SecureRandom()), new Known(keys));
            this.suite = suite;
        }

        private record Known(Map<String, byte[]> keys) implements TlsPSKIdentityManager {
            @Override
            public byte[] getHint() {
                return new byte[0];
            }

            @Override
            public byte[] getPSK(byte[] identity) {
                byte[] psk = keys.get(new String(identity, StandardCharsets.UTF_8));
                return psk == null ? null : psk.clone();
            }
        }

        int suite() {
            return context.getSecurityParametersConnection().getCipherSuite();
        }

        @Override
        public void notifyHandshakeComplete() throws IOException {
            super.notifyHandshakeComplete();
            told = new String(context.getSecurityParametersConnection().getPSKIdentity(), StandardCharsets.UTF_8);
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return ProtocolVersion.TLSv12.only();
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return new int[] {suite};
        }
    }
}
