package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.access.AccessRules;
import org.kiln.kms.access.Principal;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.gsup.GsupPatience;
import org.kiln.kms.provisioning.ScratchNode;

/** What a peer may do wrong at the GSUP port, octet by octet; others are served meanwhile, and no connection is left over. */
class HostileGsupPeersTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final String GREETING = "0011fe0401080107010201030104010501010100";
    private static final String PING = "0001fe00";
    private static final String PONG = "0001fe01";

    /** SendAuthInfo for one vector of subscriber 0. */
    private static final String ASK = "0012ee05" + "08" + "0108" + "00010100000000f0" + "520101" + "280101";

    private static final int MOST = 1_000;

    @TempDir
    private static Path folder;

    private static ScratchNode node;
    private static AuthenticationCentre centre;
    private static Vertx vertx;
    private static AccessRules rules;
    private static GsupListener listener;
    private static GsupListener impatient;

    @BeforeAll
    static void listen() throws Exception {
        node = new ScratchNode(folder);
        node.provision(2);
        centre = new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, 100);
        vertx = Vertx.vertx();
        rules = new AccessRules(List.of());
        listener = listener(GsupPatience.USUAL);
        impatient = listener(new GsupPatience(600, 300));
    }

    private static GsupListener listener(GsupPatience patience) {
        return GsupListener.start(
                vertx, new KilnConfiguration.Gsup(true, "127.0.0.1", 0, false), centre, null, rules, true, patience);
    }

    @AfterAll
    static void stop() {
        listener.close();
        impatient.close();
        vertx.close().await();
        centre.close();
        node.close();
    }

    /** Whoever was counted in is counted out: as many as may be are let in again, not one fewer. */
    @AfterEach
    void noConnectionIsLeftOver() throws Exception {
        Principal peer = rules.laboratory();
        int free = 0;
        for (int tries = 0; tries < 1_000 && free < MOST; tries++) {
            free = 0;
            while (free < MOST && peer.connected()) {
                free++;
            }
            for (int each = 0; each < free; each++) {
                peer.disconnected();
            }
            if (free < MOST) {
                Thread.sleep(20);
            }
        }
        assertThat(free).isEqualTo(MOST);
    }

    private static final class Peer implements AutoCloseable {

        private final Socket socket;
        private final DataInputStream in;

        Peer(GsupListener at) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), at.port());
            socket.setSoTimeout(20_000);
            in = new DataInputStream(socket.getInputStream());
            assertThat(receive()).isEqualTo(GREETING);
        }

        Peer send(String hex) throws IOException {
            socket.getOutputStream().write(HEX.parseHex(hex));
            return this;
        }

        String receive() throws IOException {
            byte[] header = in.readNBytes(3);
            return HEX.formatHex(header) + HEX.formatHex(in.readNBytes((header[0] & 0xff) << 8 | header[1] & 0xff));
        }

        /** Reads to the end, and returns what came before it. */
        String rest() throws IOException {
            try {
                return HEX.formatHex(in.readAllBytes());
            } catch (SocketException e) {
                return "(reset)";
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static void assertServes(Peer peer) throws IOException {
        assertThat(peer.send(ASK).receive()).startsWith("00").contains("ee050a0108");
        assertThat(peer.send(PING).receive()).isEqualTo(PONG);
    }

    private static void assertOthersAreServed() throws IOException {
        try (Peer other = new Peer(listener)) {
            assertServes(other);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ffffee05",
                "0801ee05",
                "0000ee",
                "0000fe",
                "00010008",
                "ffffffffffffffffffff",
                "0001ee05",
                "0002ee0608",
                "0002ee0008",
                "474554202f20485454502f312e310d0a0d0a",
                "16030100b3010000af0303"
            })
    void whatIsNoFrameEndsItsOwnConnection(String octets) throws IOException {
        try (Peer bystander = new Peer(listener);
                Peer stranger = new Peer(listener)) {
            assertThat(stranger.send(octets).rest()).isIn("", "(reset)");
            assertServes(bystander);
        }
    }

    @Test
    void noMoreOfAnOversizeFrameIsRead() throws IOException {
        try (Peer stranger = new Peer(listener)) {
            stranger.send("ffffee05");
            boolean ended = false;
            byte[] much = new byte[64 * 1024];
            try {
                for (int i = 0; i < 2_000; i++) {
                    stranger.socket.getOutputStream().write(much);
                }
            } catch (SocketException e) {
                ended = true;
            }
            assertThat(ended).isTrue();
        }
        assertOthersAreServed();
    }

    @Test
    void whoNeverSaysAnythingIsDisconnected() throws IOException {
        List<Peer> silent = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            silent.add(new Peer(impatient));
        }
        assertOthersAreServed();
        for (Peer each : silent) {
            assertThat(each.rest()).isEmpty();
            each.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "0012ee", "0012ee0508010800", "0800fe"})
    void aFirstFrameThatNeverEndsIsNotWaitedFor(String half) throws IOException {
        try (Peer peer = new Peer(impatient)) {
            assertThat(peer.send(half).rest()).isEmpty();
        }
        assertOthersAreServed();
    }

    @Test
    void halfAFrameIsNotWaitedForLater() throws IOException {
        try (Peer peer = new Peer(impatient)) {
            assertServes(peer);
            assertThat(peer.send(PING + "0012ee").rest()).isEqualTo(PONG);
        }
    }

    /** An octet at a time: each comes soon, the frame does not. */
    @Test
    void whoTricklesIsDisconnected() throws Exception {
        try (Peer peer = new Peer(impatient)) {
            assertServes(peer);
            boolean ended = false;
            try {
                peer.send("0800ee05");
                for (int i = 0; i < 1_000; i++) {
                    peer.send("00");
                    Thread.sleep(20);
                }
            } catch (SocketException e) {
                ended = true;
            }
            assertThat(ended).isTrue();
        }
    }

    /** Frames whole, and pauses between them that are longer than a frame may take. */
    @Test
    void whoIsSilentBetweenFramesIsServedOn() throws Exception {
        try (Peer peer = new Peer(impatient)) {
            for (int i = 0; i < 3; i++) {
                assertServes(peer);
                Thread.sleep(700);
            }
            assertServes(peer);
        }
    }

    @Test
    void thousandsOfRequestsAtOnceAreAnsweredEachAndOthersMeanwhile() throws Exception {
        int asked = 20_000;
        try (Peer peer = new Peer(listener)) {
            Thread sender = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < asked / 1_000; i++) {
                        peer.send(ASK.repeat(1_000));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertOthersAreServed();
            int served = 0;
            int refused = 0;
            for (int i = 0; i < asked; i++) {
                String answer = peer.receive();
                if (answer.contains("ee050a0108")) {
                    served++;
                } else {
                    assertThat(answer).endsWith("020116");
                    refused++;
                }
            }
            sender.join();
            assertThat(served).isPositive();
            assertThat(served + refused).isEqualTo(asked);
            assertServes(peer);
        }
    }

    /** He asks and does not read: his answers wait in the connection, and go with it. */
    @Test
    void whoAsksAndNeverReadsHoldsUpNobody() throws Exception {
        try (Peer peer = new Peer(listener)) {
            peer.socket.setSoTimeout(0);
            Thread sender = Thread.ofPlatform().daemon().start(() -> {
                try {
                    for (int i = 0; i < 1_000; i++) {
                        peer.send(ASK.repeat(1_000));
                    }
                } catch (IOException e) {
                    // the connection is closed below
                }
            });
            sender.join(500);
            for (int i = 0; i < 20; i++) {
                assertOthersAreServed();
            }
        }
    }

    @Test
    void unknownMessagesAreRefusedEachAndErrorsAreNotAnswered() throws IOException {
        try (Peer peer = new Peer(listener)) {
            for (int type = 0; type < 256; type++) {
                peer.send("000cee05%02x010800010100000000f0".formatted(type));
                if ((type & 3) == 0) {
                    String answer = peer.receive();
                    assertThat(answer)
                            .as("%02x", type)
                            .contains("ee05%02x0108".formatted(type == 0x08 ? type | 2 : type | 1));
                    assertThat(type == 0x08 || answer.endsWith("020161"))
                            .as(answer)
                            .isTrue();
                }
            }
            assertServes(peer);
        }
    }

    @Test
    void malformedRequestsByTheThousandAreRefusedEach() throws IOException {
        try (Peer peer = new Peer(listener)) {
            String noImsi = "0002ee0508";
            peer.send(noImsi.repeat(3_000));
            for (int i = 0; i < 3_000; i++) {
                assertThat(peer.receive()).contains("ee0509").endsWith("020160");
            }
            assertServes(peer);
        }
    }

    @Test
    void garbageInPlaceOfElementsIsRefusedOrPassedOver() throws IOException {
        long seed = Long.getLong("kiln.seed", new Random().nextLong());
        Random random = new Random(seed);
        try (Peer peer = new Peer(listener)) {
            for (int i = 0; i < 500; i++) {
                byte[] elements = new byte[random.nextInt(400)];
                random.nextBytes(elements);
                peer.send("%04xee0508".formatted(2 + elements.length) + HEX.formatHex(elements));
                assertThat(peer.receive()).as("seed %d", seed).matches("....ee050[9a].*");
            }
            assertServes(peer);
        }
    }

    /** Some end in order and some by a reset, some after a request and some within one. */
    @Test
    void connectionsThatComeAndGoLeaveNothing() throws IOException {
        for (int i = 0; i < 2 * MOST; i++) {
            try (Peer peer = new Peer(listener)) {
                peer.socket.setSoLinger(i % 2 == 0, 0);
                peer.send(i % 3 == 0 ? ASK : "0012");
            }
        }
        assertOthersAreServed();
    }
}
