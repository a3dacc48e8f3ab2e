package org.kiln.kms.gsup;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.access.Principal;
import org.kiln.kms.access.TestCallers;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.GsmConversion;
import org.kiln.kms.auc.AucSettings;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.provisioning.LoadFileRow;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.provisioning.SubscriberImport.OnBadRow;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.AlgorithmText;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.transfer.numbering.Supi;

/** An Osmocom peer on a real socket, a real token behind it. */
class GsupConnectionTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final int SUBSCRIBERS = 40;

    /** Two numbers in many may count as one. */
    private static final int SOME = 20;

    private static final EngineChoice ENGINES = new EngineChoice(Set.of(), Set.of("tuak", "comp128-1"), false);

    private final long seed = Long.getLong("kiln.seed", new Random().nextLong());

    @TempDir
    private Path folder;

    private ScratchNode node;
    private AuthenticationCentre centre;
    private Vertx vertx;
    private GsupPeer peer;
    private int port;

    @BeforeEach
    void open() throws Exception {
        node = new ScratchNode(folder);
        node.provision(SUBSCRIBERS);
        centre = new AuthenticationCentre(
                node.tokens(),
                node.storageKeys(),
                node.store(),
                new AucSettings(0, 1, 1000, ENGINES, new SimpleMeterRegistry()));
        vertx = Vertx.vertx();
        listen(TestCallers.network());
        peer = connect();
    }

    private void listen(Principal caller) {
        NetServer server = vertx.createNetServer()
                .connectHandler(socket -> GsupConnection.serve(vertx, socket, centre, caller, GsupPatience.USUAL));
        port = server.listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    @Test
    void whoGoesThroughNumbersIsLockedOut() throws Exception {
        Principal scanner = TestCallers.scanning(3);
        listen(scanner);
        try (GsupPeer scanning = connect()) {
            for (int number = 0; scanner.lockOuts() == 0 && number < SOME; number++) {
                assertThat(scanning.ask(sendAuthInfo(SUBSCRIBERS + number)).cause())
                        .isEqualTo("02");
            }
            assertThat(scanning.ask(sendAuthInfo(0)).cause()).isEqualTo("16");
            assertThat(scanner.liftLockOut()).isTrue();
            assertThat(scanning.ask(sendAuthInfo(0)).cause()).isEqualTo("none");
        }
        assertThat(scanner.lockOuts()).isEqualTo(1);
    }

    @AfterEach
    void close() throws Exception {
        peer.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        centre.close();
        node.close();
    }

    /** Greets the server as Osmocom's client does. */
    private GsupPeer connect() throws Exception {
        GsupPeer connected = new GsupPeer(port);
        assertThat(connected.receiveRaw()).isEqualTo("0011fe0401080107010201030104010501010100");
        connected.sendRaw("0009fe05000601" + "4d53432d00" + "0001fe06");
        assertThat(connected.receiveRaw()).isEqualTo("0001fe06");
        return connected;
    }

    private static String sendAuthInfo(Supi supi) {
        return "08" + GsupPeer.imsi(supi.imsi().digits());
    }

    private static String sendAuthInfo(int number) {
        return sendAuthInfo(ScratchNode.supi(number));
    }

    private static String auts(byte[] rand, byte[] auts) {
        return GsupPeer.element(0x26, HEX.formatHex(auts)) + GsupPeer.element(0x20, HEX.formatHex(rand));
    }

    private GsupPeer.Message refused(String request, String cause) throws Exception {
        GsupPeer.Message answer = peer.ask(request);
        assertThat(answer.type()).isEqualTo(HEX.parseHex(request)[0] + 1);
        assertThat(answer.cause()).isEqualTo(cause);
        assertThat(answer.tuples()).isEmpty();
        return answer;
    }

    @Test
    void aUsimGetsQuintupletsWithTheTripletsThatC2AndC3MakeOfThem() throws Exception {
        long last = 0x20;
        GsupPeer.Message answer =
                peer.ask(sendAuthInfo(7) + "280102" + "0a0101" + GsupPeer.name(0x60, "MSC-00-00-00-00-00-00"));
        assertThat(answer.type()).isEqualTo(0x0a);
        assertThat(answer.elements())
                .containsEntry(
                        0x01, GsupPeer.imsi(ScratchNode.supi(7).imsi().digits()).substring(4))
                .containsEntry(0x0a, "01")
                .containsEntry(0x61, HEX.formatHex("MSC-00-00-00-00-00-00".getBytes(StandardCharsets.US_ASCII)))
                .doesNotContainKey(0x60);
        assertThat(answer.tuples()).hasSize(5);
        for (AuthenticationVector vector : answer.tuples()) {
            long sqn = ScratchNode.card(7).sqn(vector);
            assertThat(sqn >>> 5).isGreaterThan(last >>> 5);
            assertThat(vector.autn()[6] & 0x80).isZero();
            last = sqn;
        }
        assertThat(peer.ask(sendAuthInfo(7) + "520102").tuples()).hasSize(2);
    }

    @Test
    void tripletsAgreeWithTheirQuintuplets() throws Exception {
        peer.send(sendAuthInfo(7) + "520101");
        String raw = peer.receiveRaw();
        var quintuplet = (AuthenticationVector.Umts)
                GsupPeer.Message.parse(HEX.parseHex(raw.substring(8))).tuples().getFirst();
        byte[] ckIk = Arrays.copyOf(quintuplet.ck(), 32);
        System.arraycopy(quintuplet.ik(), 0, ckIk, 16, 16);
        assertThat(raw)
                .contains("2104" + HEX.formatHex(GsmConversion.c2(quintuplet.xres())))
                .contains("2208" + HEX.formatHex(GsmConversion.c3(ckIk)));
    }

    @Test
    void a4gCoreGetsTheSeparationBit() throws Exception {
        for (AuthenticationVector vector : peer.ask(sendAuthInfo(7) + "2a0103").tuples()) {
            assertThat(vector.autn()[6] & 0x80).isEqualTo(0x80);
            assertThat(ScratchNode.card(7).sqn(vector)).isPositive();
        }
    }

    @Test
    void domainsDoNotShareAnInd() throws Exception {
        Set<Long> inds = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            inds.add(ScratchNode.card(3)
                            .sqn(peer.ask(sendAuthInfo(3) + "280101" + "520101")
                                    .tuples()
                                    .getFirst())
                    & 0x1f);
        }
        for (int i = 0; i < 20; i++) {
            assertThat(inds)
                    .doesNotContain(ScratchNode.card(3)
                                    .sqn(peer.ask(sendAuthInfo(3) + "280102" + "520101")
                                            .tuples()
                                            .getFirst())
                            & 0x1f);
        }
    }

    @Test
    void aGsmSimGetsTripletsOnly() throws Exception {
        Supi sim = new Supi("imsi-001019000000001");
        node.importer(new AlgorithmCatalogue(ENGINES, Map.of()))
                .run(
                        LoadFileRow.write(folder, new LoadFileRow(sim, "comp128-1", new byte[16])),
                        OnBadRow.REFUSE_FILE,
                        done -> {});
        assertThat(peer.ask(sendAuthInfo(sim)).tuples())
                .hasSize(5)
                .allSatisfy(vector -> assertThat(vector).isInstanceOf(AuthenticationVector.Gsm.class));
        refused(sendAuthInfo(sim) + auts(new byte[16], new byte[14]), "5f");
        refused(sendAuthInfo(sim) + "2a0103", "5f");
    }

    @Test
    void whatGsupHasNoRoomForIsRefused() throws Exception {
        Supi wide = new Supi("imsi-001019000000002");
        AlgorithmCatalogue catalogue = new AlgorithmCatalogue(
                ENGINES, Map.of("wide", AlgorithmText.parse("tuak iterations=1 mac=256 res=256 ck=256 ik=256")));
        node.importer(catalogue)
                .run(
                        LoadFileRow.write(
                                folder, new LoadFileRow(wide, "wide", new byte[32]).wrapped("etopc", new byte[32])),
                        OnBadRow.REFUSE_FILE,
                        done -> {});
        refused(sendAuthInfo(wide), "5f");
    }

    @Test
    void resynchronisesWithTheCard() throws Exception {
        byte[] rand = peer.ask(sendAuthInfo(9)).tuples().getFirst().rand();
        long sqnMs = 0x0000_4000_0000L;
        byte[] auts = ScratchNode.card(9).auts(rand, sqnMs);
        byte[] forged = auts.clone();
        forged[13] ^= 1;
        refused(sendAuthInfo(9) + auts(rand, forged), "14");
        long before = ScratchNode.card(9).sqn(peer.ask(sendAuthInfo(9)).tuples().getFirst());
        assertThat(before).isBetween(0x20L, sqnMs - 1);
        AuthenticationVector fresh =
                peer.ask(sendAuthInfo(9) + auts(rand, auts)).tuples().getFirst();
        assertThat(ScratchNode.card(9).sqn(fresh) >>> 5).isEqualTo((sqnMs >>> 5) + 1);
        for (int i = 0; i < 4; i++) {
            peer.ask(sendAuthInfo(9) + auts(rand, auts));
        }
        refused(sendAuthInfo(9) + auts(rand, auts), "16");
    }

    @Test
    void refusesWithTheCauseOfOsmoHlr() throws Exception {
        refused(sendAuthInfo(SUBSCRIBERS), "02");
        refused("08", "60");
        refused(sendAuthInfo(1) + "26", "60");
        refused("04" + sendAuthInfo(1).substring(2), "61");
        refused("0c" + sendAuthInfo(1).substring(2), "61");
        GsupPeer.Message ussd = refused("20" + sendAuthInfo(1).substring(2) + "3004deadbeef" + "310101", "61");
        assertThat(ussd.elements()).containsEntry(0x30, "deadbeef").containsEntry(0x31, "03");
    }

    @Test
    void answersAPingAndNoReport() throws Exception {
        peer.send("0b" + sendAuthInfo(1).substring(2));
        peer.send("09" + sendAuthInfo(1).substring(2) + "020102");
        peer.sendRaw("0001fe00");
        assertThat(peer.receiveRaw()).isEqualTo("0001fe01");
    }

    @Test
    void aPeerThatAsksWithoutReadingIsAnsweredToTheLast() throws Exception {
        int asked = 3000;
        Thread sender = Thread.ofPlatform().start(() -> {
            try {
                for (int i = 0; i < asked; i++) {
                    peer.send(sendAuthInfo(i % SUBSCRIBERS));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        Set<Long> sqns = new HashSet<>();
        int refusals = 0;
        for (int i = 0; i < asked; i++) {
            GsupPeer.Message answer = peer.receive();
            if (answer.type() == 0x09) {
                assertThat(answer.cause()).isEqualTo("16");
                refusals++;
            } else {
                String tbcd = answer.elements().getOrDefault(0x01, "");
                int number = Integer.parseInt("" + tbcd.charAt(12) + tbcd.charAt(15));
                for (AuthenticationVector vector : answer.tuples()) {
                    long sqn = ScratchNode.card(number).sqn(vector);
                    assertThat(sqn).isPositive();
                    assertThat(sqns.add(((long) number << 48) | sqn)).isTrue();
                }
            }
        }
        sender.join();
        assertThat(sqns).hasSize(5 * (asked - refusals));
    }

    @Test
    void garbageEndsItsOwnConnectionOnly() throws Exception {
        Random random = new Random(seed);
        for (int run = 0; run < 50; run++) {
            try (GsupPeer stranger = connect()) {
                byte[] garbage = new byte[3 + random.nextInt(100)];
                random.nextBytes(garbage);
                garbage[2] = (byte) random.nextInt(0xee);
                stranger.sendRaw(HEX.formatHex(garbage));
                assertThat(stranger.ended()).as("seed %d", seed).isTrue();
            }
        }
        assertThat(peer.ask(sendAuthInfo(1)).tuples()).hasSize(5);
    }
}
