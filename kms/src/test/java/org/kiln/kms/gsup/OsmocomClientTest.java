package org.kiln.kms.gsup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.access.TestCallers;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.GsmConversion;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.provisioning.ScratchNode;

/**
 * Osmocom's own client library asks, decodes and resynchronises. Opt-in: {@code -Dkiln.peer=osmocom}. Skipped where the
 * library is not installed (Debian: gcc, libosmo-gsup-client-dev).
 */
@EnabledIfSystemProperty(named = "kiln.peer", matches = "osmocom")
class OsmocomClientTest {

    private static final HexFormat HEX = HexFormat.of();

    @TempDir
    private Path folder;

    private Path client;

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private void compile() throws IOException, InterruptedException {
        client = folder.resolve("gsup-client");
        Path source = folder.resolve("gsup-client.c");
        try (InputStream in = OsmocomClientTest.class.getResourceAsStream("/osmocom/gsup-client.c")) {
            Files.write(source, in.readAllBytes());
        }
        Process gcc;
        try {
            gcc = new ProcessBuilder(
                            "gcc",
                            "-Wall",
                            "-o",
                            client.toString(),
                            source.toString(),
                            "-losmo-gsup-client",
                            "-losmogsm",
                            "-losmocore",
                            "-ltalloc")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("gcc.log").toFile())
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "needs gcc");
            throw e;
        }
        assumeTrue(gcc.waitFor() == 0, "needs Osmocom's client library (Debian: libosmo-gsup-client-dev)");
    }

    /** The lines that the client prints, vectors only, by name. */
    private static List<Map<String, byte[]>> vectors(String output) {
        return output.lines()
                .filter(line -> line.startsWith("vector "))
                .map(line -> {
                    Map<String, byte[]> values = new HashMap<>();
                    Stream.of(line.substring("vector ".length()).split(" ", -1))
                            .map(pair -> pair.split("=", 2))
                            .forEach(pair -> values.put(pair[0], HEX.parseHex(pair[1])));
                    return values;
                })
                .toList();
    }

    private static byte[] value(Map<String, byte[]> vector, String name) {
        return vector.getOrDefault(name, new byte[0]);
    }

    private static long sqn(Map<String, byte[]> vector) {
        return ScratchNode.card(7)
                .sqn(new AuthenticationVector.Umts(
                        value(vector, "rand"),
                        value(vector, "autn"),
                        value(vector, "res"),
                        value(vector, "ck"),
                        value(vector, "ik")));
    }

    @Test
    void usesKilnAsItsAuc() throws Exception {
        compile();
        Vertx vertx = Vertx.vertx();
        try (ScratchNode node = new ScratchNode(folder)) {
            node.provision(10);
            try (AuthenticationCentre centre =
                    new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, 1000)) {
                String port = String.valueOf(vertx.createNetServer()
                        .connectHandler(socket ->
                                GsupConnection.serve(vertx, socket, centre, TestCallers.network(), GsupPatience.USUAL))
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join()
                        .actualPort());
                converse(port);
            } finally {
                vertx.close().toCompletionStage().toCompletableFuture().join();
            }
        }
    }

    private void converse(String port) throws Exception {
        String imsi = ScratchNode.supi(7).imsi().digits();
        List<Map<String, byte[]>> first = vectors(output(client.toString(), port, imsi));
        assertThat(first).hasSize(5);
        for (Map<String, byte[]> vector : first) {
            assertThat(sqn(vector)).isPositive();
            byte[] ckIk = Arrays.copyOf(value(vector, "ck"), 32);
            System.arraycopy(value(vector, "ik"), 0, ckIk, 16, 16);
            assertThat(value(vector, "sres")).isEqualTo(GsmConversion.c2(value(vector, "res")));
            assertThat(value(vector, "kc")).isEqualTo(GsmConversion.c3(ckIk));
        }
        byte[] rand = value(first.getFirst(), "rand");
        long sqnMs = 1L << 40;
        byte[] auts = ScratchNode.card(7).auts(rand, sqnMs);
        List<Map<String, byte[]>> fresh =
                vectors(output(client.toString(), port, imsi, HEX.formatHex(rand), HEX.formatHex(auts)));
        assertThat(sqn(fresh.getFirst()) >>> 5).isEqualTo((sqnMs >>> 5) + 1);
        assertThat(output(client.toString(), port, "001010000099999"))
                .contains("answer type=09 imsi=001010000099999 cause=02");
        assertThat(output(client.toString(), port, imsi, HEX.formatHex(rand), "00".repeat(14)))
                .contains("answer type=09", "cause=14");
    }
}
