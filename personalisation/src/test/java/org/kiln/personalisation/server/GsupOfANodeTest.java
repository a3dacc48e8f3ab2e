package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import javax.net.SocketFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.personalisation.client.ApiClient;
import org.kiln.personalisation.demo.KilnProcess;

/** {@code kiln up} with the GSUP port switched on. */
class GsupOfANodeTest {

    private static final String GREETING = "0011fe0401080107010201030104010501010100";
    private static final String NOBODY = "010800011011121314f5";
    private static final String ASK = "000cee0508" + NOBODY;
    private static final String UNKNOWN = "000fee0509" + NOBODY + "020102";
    private static final String FOREIGN = "000fee0509" + NOBODY + "02010b";
    private static final int PATIENCE_MILLIS = 30_000;

    @TempDir
    private static Path folder;

    private Path data;

    @BeforeEach
    void prepare() throws Exception {
        data = folder.resolve("data");
        if (Files.notExists(data)) {
            KilnProcess.succeed("init", "--data", data.toString());
        }
    }

    private KilnProcess up(String host, boolean tls) throws Exception {
        configure(host, tls);
        return tls
                ? KilnProcess.up(folder.resolve("kiln.log"), "--data", data.toString(), "--port", "0")
                : KilnProcess.up(
                        folder.resolve("kiln.log"),
                        "--data",
                        data.toString(),
                        "--port",
                        "0",
                        "--lab",
                        "--lab-port",
                        "0");
    }

    private void configure(String host, boolean tls) throws Exception {
        Path file = data.resolve("kiln.yaml");
        String others = Files.readString(file).replaceFirst("(?s)\ngsup:\n.*?\n\n", "\n");
        Files.writeString(
                file, others + "\ngsup:\n  enabled: true\n  host: " + host + "\n  port: 0\n  tls: " + tls + "\n\n");
    }

    /** What the node sends to one who asks for a subscriber that nobody is; empty if it will not talk to him. */
    private static String askForNobody(KilnProcess kiln, SocketFactory sockets) throws Exception {
        String[] place = kiln.gsup().split(":", -1);
        try (Socket socket = sockets.createSocket(place[0], Integer.parseInt(place[1]))) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(HexFormat.of().parseHex(ASK));
            return HexFormat.of().formatHex(socket.getInputStream().readNBytes((GREETING + UNKNOWN).length() / 2));
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void onLoopbackInTheLaboratory() throws Exception {
        try (KilnProcess kiln = up("127.0.0.1", false)) {
            assertThat(askForNobody(kiln, SocketFactory.getDefault())).isEqualTo(GREETING + UNKNOWN);
            assertThat(kiln.stop()).isZero();
        }
    }

    @Test
    void withTlsForWhoIsAnHlr() throws Exception {
        try (KilnProcess kiln = up("127.0.0.1", true)) {
            Path pki = data.resolve("pki");
            Path authority = pki.resolve("ca.pem");
            var hlr = ApiClient.tls(authority, LabAuthority.client(pki, "hlr"));
            assertThat(askForNobody(kiln, hlr.getSocketFactory())).isEqualTo(GREETING + FOREIGN);
            var operator = ApiClient.tls(authority, LabAuthority.client(pki, "operator"));
            assertThat(askForNobody(kiln, operator.getSocketFactory())).isEmpty();
            var stranger = ApiClient.tls(
                    authority, LabAuthority.create(folder.resolve("elsewhere")).newClient("stranger"));
            assertThat(askForNobody(kiln, stranger.getSocketFactory())).isEmpty();
        }
    }

    @Test
    void neverWithoutTlsOtherwise() throws Exception {
        for (String host : new String[] {"0.0.0.0", "127.0.0.1"}) {
            configure(host, false);
            KilnProcess.Ended ended = KilnProcess.run(Map.of(), "up", "--data", data.toString(), "--port", "0");
            assertThat(ended.exitCode()).isNotZero();
            assertThat(ended.err())
                    .contains(host.equals("0.0.0.0") ? "gsup.host is 0.0.0.0" : "or start the laboratory with --lab")
                    .hasLineCount(1);
        }
    }
}
