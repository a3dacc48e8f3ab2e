package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.kms.aka.AkaBuffer;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.Comp128;
import org.kiln.kms.aka.Milenage;
import org.kiln.kms.aka.MilenageConstants;
import org.kiln.kms.aka.Native;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.SoftwareAes;
import org.kiln.kms.aka.TestCard;
import org.kiln.kms.aka.TestTuakCard;
import org.kiln.kms.aka.TuakParameters;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.aka.XorAlgorithm;
import org.kiln.kms.provisioning.LoadFileException;
import org.kiln.kms.provisioning.LoadFileRow;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.provisioning.SubscriberImport.OnBadRow;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.AlgorithmText;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.kms.subscriber.RecordRefusedException;
import org.kiln.transfer.numbering.Supi;

/** Every algorithm from load file to vector, on a real token; cards recompute what they are sent. */
class AlgorithmsTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final Supi SUPI = ScratchNode.supi(7);
    private static final VectorKind EPS = VectorKind.EpsAka.of(new PlmnId("001", "01"));
    private static final EngineChoice ALL =
            new EngineChoice(Set.of(), Set.of("tuak", "comp128-1", "comp128-2", "comp128-3"), true);
    private static final String OWN_MILENAGE = "milenage r=8,16,24,32,40 c=" + "0f".repeat(16) + "," + "01".repeat(16)
            + "," + "02".repeat(16) + "," + "04".repeat(16) + "," + "08".repeat(16);
    private static final AlgorithmCatalogue CATALOGUE = new AlgorithmCatalogue(
            ALL,
            Map.of(
                    "acme-tuak", AlgorithmText.parse("tuak iterations=3 mac=64 res=128 ck=128 ik=128"),
                    "wide-tuak", AlgorithmText.parse("tuak iterations=2 mac=256 res=256 ck=256 ik=256"),
                    "acme-milenage", AlgorithmText.parse(OWN_MILENAGE)));

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @TempDir
    private Path folder;

    private ScratchNode node;
    private AuthenticationCentre centre;

    @BeforeEach
    void open() {
        node = new ScratchNode(folder);
        centre = centre(ALL);
    }

    @AfterEach
    void close() {
        centre.close();
        node.close();
    }

    private AuthenticationCentre centre(EngineChoice engines) {
        return new AuthenticationCentre(
                node.tokens(), node.storageKeys(), node.store(), new AucSettings(0, 1, 1000, engines, meters));
    }

    private byte[] octets(int count) {
        byte[] octets = new byte[count];
        random.nextBytes(octets);
        return octets;
    }

    private void load(LoadFileRow row) throws Exception {
        node.importer(CATALOGUE).run(LoadFileRow.write(folder, row), OnBadRow.REFUSE_FILE, done -> {});
    }

    private List<AuthenticationVector> ask(VectorKind kind, int count) {
        return centre.authenticate(new VectorRequest(SUPI, kind, count, Optional.empty()))
                .join();
    }

    private AuthenticationVector resynchronise(byte[] rand, byte[] auts) {
        return centre.authenticate(new VectorRequest(
                        SUPI, VectorKind.UmtsAka.UMTS, 1, Optional.of(new VectorRequest.Resynchronisation(rand, auts))))
                .join()
                .getFirst();
    }

    private double counted(String engine, String algorithm) {
        return meters.get("kiln_vectors_total")
                .tag("engine", engine)
                .tag("algorithm", algorithm)
                .tag("outcome", "computed")
                .counter()
                .count();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tuak 16", "tuak 32", "acme-tuak 16", "acme-tuak 32", "wide-tuak 32"})
    void tuakOnTheGuardedHost(String profileAndKey) throws Exception {
        String profile = profileAndKey.split(" ", -1)[0];
        byte[] k = octets(Integer.parseInt(profileAndKey.split(" ", -1)[1]));
        byte[] topc = octets(32);
        load(new LoadFileRow(SUPI, profile, k).wrapped("etopc", topc));
        TuakParameters parameters = ((Algorithm.Tuak) CATALOGUE.named(profile)).chosen();
        TestTuakCard card = new TestTuakCard(parameters, k, topc);

        long last = 0x20;
        byte[] rand = new byte[16];
        for (AuthenticationVector vector : ask(VectorKind.UmtsAka.UMTS, 5)) {
            var quintuplet = (AuthenticationVector.Umts) vector;
            long sqn = card.sqn(vector);
            assertThat(sqn >>> 5).as("seed %d", seed).isGreaterThan(last >>> 5);
            AkaBuffer card5 = card.answer(vector.rand(), sqn, 0);
            assertThat(HEX.formatHex(quintuplet.xres())).isEqualTo(Native.hex(card5.res(0)));
            assertThat(HEX.formatHex(quintuplet.ck())).isEqualTo(Native.hex(card5.ck(0)));
            assertThat(HEX.formatHex(quintuplet.ik())).isEqualTo(Native.hex(card5.ik(0)));
            last = sqn;
            rand = vector.rand();
        }
        assertThat(counted("guarded-host", "tuak")).isEqualTo(5);
        assertThat(node.store().find(SUPI))
                .hasValueSatisfying(record -> assertThat(record.ki().keyLabel()).isEqualTo("SKH-1"));

        long ahead = last + (1L << 40);
        byte[] auts = card.auts(rand, ahead);
        for (int i = 0; i < auts.length; i++) {
            byte[] forged = auts.clone();
            forged[i] ^= (byte) (1 << random.nextInt(8));
            byte[] challenge = rand;
            assertThatThrownBy(() -> resynchronise(challenge, forged))
                    .hasCauseInstanceOf(AuthenticationException.Rejected.class);
        }
        assertThat(card.sqn(resynchronise(rand, auts))).as("seed %d", seed).isGreaterThan(ahead);
    }

    @Test
    void wideTuakServesQuintupletsOnly() throws Exception {
        load(new LoadFileRow(SUPI, "wide-tuak", octets(32)).wrapped("etopc", octets(32)));
        assertThatThrownBy(() -> ask(EPS, 1)).hasCauseInstanceOf(AkaException.KindNotServed.class);
        assertThatThrownBy(() -> ask(VectorKind.GsmAka.GSM, 1)).hasCauseInstanceOf(AkaException.KindNotServed.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    @SuppressWarnings("deprecation")
    void comp128GivesTriplets(int version) throws Exception {
        byte[] ki = octets(16);
        load(new LoadFileRow(SUPI, "comp128-" + version, ki));
        MemorySegment out = Native.zeros(12);
        for (AuthenticationVector vector : ask(VectorKind.GsmAka.GSM, 3)) {
            var triplet = (AuthenticationVector.Gsm) vector;
            new Comp128(Native.zeros(Comp128.WORKSPACE))
                    .compute(version, Native.of(ki), Native.of(triplet.rand()), out);
            assertThat(HEX.formatHex(triplet.sres()) + HEX.formatHex(triplet.kc()))
                    .isEqualTo(Native.hex(out));
        }
        assertThat(counted("guarded-host", "comp128-" + version)).isEqualTo(3);
        assertThatThrownBy(() -> ask(EPS, 1)).hasCauseInstanceOf(AkaException.KindNotServed.class);
        assertThatThrownBy(() -> resynchronise(new byte[16], new byte[14]))
                .hasCauseInstanceOf(AkaException.KindNotServed.class);
    }

    @Test
    void theXorAlgorithmInALaboratoryOnly() throws Exception {
        byte[] k = octets(16);
        load(new LoadFileRow(SUPI, "xor", k));
        var vector = (AuthenticationVector.Umts) ask(VectorKind.UmtsAka.UMTS, 1).getFirst();
        String autn = HEX.formatHex(vector.autn());
        AkaBuffer card = new AkaBuffer();
        XorAlgorithm.compute(Native.of(k), Native.of(vector.rand()), 0, 0, card, 0);
        long sqn = HexFormat.fromHexDigitsToLong(autn, 0, 12) ^ card.ak(0);
        XorAlgorithm.compute(Native.of(k), Native.of(vector.rand()), sqn, 0, card, 0);
        assertThat(autn).endsWith(Native.hex(card.mac(0)));

        MemorySegment macS = Native.zeros(8);
        long ahead = sqn + (1L << 40);
        XorAlgorithm.resynchronise(Native.of(k), Native.of(vector.rand()), ahead ^ card.ak(0), macS);
        byte[] auts = HEX.parseHex(HEX.toHexDigits(ahead ^ card.ak(0), 12) + Native.hex(macS));
        assertThat(resynchronise(vector.rand(), auts)).isNotNull();
        auts[13] ^= 1;
        assertThatThrownBy(() -> resynchronise(vector.rand(), auts))
                .hasCauseInstanceOf(AuthenticationException.Rejected.class);

        centre.close();
        centre = centre(new EngineChoice(Set.of(), ALL.guardedHost(), false));
        assertThatThrownBy(() -> ask(EPS, 1)).hasCauseInstanceOf(AkaException.NotSwitchedOn.class);
    }

    @Test
    void whatIsNotSwitchedOnIsNeitherTakenInNorServed() throws Exception {
        LoadFileRow row = new LoadFileRow(SUPI, "tuak", octets(16)).wrapped("etopc", octets(32));
        Path file = LoadFileRow.write(folder, row);
        assertThatThrownBy(() -> node.importer().run(file, OnBadRow.REFUSE_FILE, done -> {}))
                .isInstanceOf(LoadFileException.class)
                .hasMessageStartingWith("line 2, column algorithm: tuak is not switched on here")
                .hasCauseInstanceOf(AkaException.NotSwitchedOn.class);
        load(row);
        centre.close();
        centre = centre(EngineChoice.PORTABLE_ONLY);
        assertThatThrownBy(() -> ask(EPS, 1)).hasCauseInstanceOf(AkaException.NotSwitchedOn.class);
    }

    @Test
    void milenageWithConstantsOfItsOwn() throws Exception {
        byte[] k = octets(16);
        byte[] opc = octets(16);
        load(new LoadFileRow(SUPI, "acme-milenage", k).wrapped("eopc", opc));
        var quintuplet =
                (AuthenticationVector.Umts) ask(VectorKind.UmtsAka.UMTS, 1).getFirst();
        var own = (Algorithm.Milenage) CATALOGUE.named("acme-milenage");
        Milenage card = new Milenage(own.constants());
        card.compute(new SoftwareAes(k), Native.of(opc), Native.of(quintuplet.rand()), new long[] {0}, 0, 1);
        byte[] ck = new byte[16];
        card.copyCk(0, ck, 0);
        assertThat(quintuplet.ck()).as("seed %d", seed).isEqualTo(ck);
        assertThat(counted("portable", "milenage")).isEqualTo(1);

        Milenage standard = new Milenage(MilenageConstants.STANDARD);
        standard.compute(new SoftwareAes(k), Native.of(opc), Native.of(quintuplet.rand()), new long[] {0}, 0, 1);
        standard.copyCk(0, ck, 0);
        assertThat(quintuplet.ck()).isNotEqualTo(ck);
    }

    @Test
    void gsmTripletsOfAUsim() throws Exception {
        byte[] k = octets(16);
        byte[] opc = octets(16);
        load(new LoadFileRow(SUPI, "milenage", k).wrapped("eopc", opc));
        var triplet = (AuthenticationVector.Gsm) ask(VectorKind.GsmAka.GSM, 1).getFirst();
        Milenage card = new Milenage(MilenageConstants.STANDARD);
        card.compute(new SoftwareAes(k), Native.of(opc), Native.of(triplet.rand()), new long[] {0}, 0, 1);
        int sres = (int) (card.res(0) >>> 32) ^ (int) card.res(0);
        assertThat(HEX.formatHex(triplet.sres())).isEqualTo(HEX.toHexDigits(sres));
        byte[] ckIk = new byte[32];
        card.copyCk(0, ckIk, 0);
        card.copyIk(0, ckIk, 16);
        byte[] kc = new byte[8];
        for (int i = 0; i < 32; i++) {
            kc[i % 8] ^= ckIk[i];
        }
        assertThat(triplet.kc()).isEqualTo(kc);
    }

    @Test
    void opcIsComputedFromOpInTheToken() throws Exception {
        byte[] k = HEX.parseHex("465b5ce8b199b49faa5f0a2ee238a6bc");
        byte[] op = HEX.parseHex("cdc202d5123e20f62b6d676ac72cb318");
        byte[] opc = HEX.parseHex("cd63cb71954a9f4e48a5994e37a02baf");
        load(new LoadFileRow(SUPI, "milenage", k).wrapped("eop", op));
        long sqn = new TestCard(k, opc).sqn(ask(EPS, 1).getFirst());
        assertThat(sqn).isPositive();

        LoadFileRow both = new LoadFileRow(ScratchNode.supi(8), "milenage", k).wrapped("eop", op);
        load(both.wrapped("eopc", opc));
        opc[3] ^= 1;
        assertThatThrownBy(() -> load(new LoadFileRow(ScratchNode.supi(9), "milenage", k)
                        .wrapped("eop", op)
                        .wrapped("eopc", opc)))
                .hasMessageStartingWith("line 2, column eopc: OPc is not what OP gives under this K")
                .hasCauseInstanceOf(AkaException.OpcMismatch.class);
        assertThatThrownBy(() -> load(new LoadFileRow(ScratchNode.supi(9), "milenage", k).with("op", "nobody")))
                .hasMessageStartingWith("line 2, column op: the token holds no key labelled 'op/nobody'");
    }

    @Test
    void topcIsComputedFromTop() throws Exception {
        byte[] k = HEX.parseHex("abababababababababababababababab");
        byte[] top = new byte[32];
        Arrays.fill(top, (byte) 0x55);
        byte[] topc = HEX.parseHex("bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff");
        load(new LoadFileRow(SUPI, "tuak", k).wrapped("etop", top));
        TestTuakCard card = new TestTuakCard(TuakParameters.USUAL, k, topc);
        assertThat(card.sqn(ask(EPS, 1).getFirst())).isPositive();

        load(new LoadFileRow(ScratchNode.supi(8), "tuak", k)
                .wrapped("etop", top)
                .wrapped("etopc", topc));
        topc[31] ^= 1;
        assertThatThrownBy(() -> load(new LoadFileRow(ScratchNode.supi(9), "tuak", k)
                        .wrapped("etop", top)
                        .wrapped("etopc", topc)))
                .hasMessageStartingWith("line 2, column etopc: TOPc is not what TOP gives")
                .hasCauseInstanceOf(AkaException.OpcMismatch.class);
    }

    @Test
    void refusalsInALoadFile() {
        refused(
                new LoadFileRow(SUPI, "milenage", octets(32)).wrapped("eopc", octets(16)),
                "column eki: a K of 32 octets is no key of milenage",
                AkaException.WrongKeyLength.class);
        refused(
                new LoadFileRow(SUPI, "comp128-1", octets(24)),
                "column eki: a K of 24 octets is no key of comp128-1",
                AkaException.WrongKeyLength.class);
        refused(
                new LoadFileRow(SUPI, "milenage", octets(16))
                        .wrapped("eopc", octets(16))
                        .with("amf", "800000"),
                "column amf: an AMF has 2 octets",
                AkaException.WrongAmfLength.class);
        refused(
                new LoadFileRow(SUPI, "comp128-4", octets(16)),
                "column algorithm: use milenage, tuak",
                AkaException.WrongParameters.class);
        refused(new LoadFileRow(SUPI, "tuak", octets(16)), "column etopc: give etopc or etop", null);
        refused(new LoadFileRow(SUPI, "milenage", octets(16)), "column eopc: give eopc", null);
        refused(
                new LoadFileRow(SUPI, "comp128-1", octets(16)).wrapped("eopc", octets(16)),
                "column eopc: comp128-1 has no such value",
                null);
        refused(
                new LoadFileRow(SUPI, "tuak", octets(15)).wrapped("etopc", octets(32)),
                "column eki: what unwraps is no AES key",
                null);
        refused(
                new LoadFileRow(SUPI, "tuak", octets(16))
                        .wrapped("etopc", octets(32))
                        .with("kcv", "000000"),
                "column kcv: the Ki has the check value",
                null);
    }

    private void refused(LoadFileRow row, String message, @Nullable Class<? extends Throwable> cause) {
        assertThatThrownBy(() -> load(row))
                .isInstanceOf(LoadFileException.class)
                .hasMessageStartingWith("line 2, " + message)
                .satisfies(e -> {
                    if (cause != null) {
                        assertThat(e).hasCauseInstanceOf(cause);
                    }
                });
        assertThat(node.store().count()).isZero();
    }

    @Test
    void anAmfThatIsStatedMustFitTheNetwork() throws Exception {
        load(new LoadFileRow(SUPI, "milenage", octets(16)).wrapped("eopc", octets(16)));
        assertThat(amf(EPS, 0x8001)).isEqualTo("8001");
        assertThat(amf(VectorKind.UmtsAka.IMS, 0x0001)).isEqualTo("0001");
        assertThatThrownBy(() -> amf(EPS, 0x0001)).hasCauseInstanceOf(AkaException.WrongSeparationBit.class);
        assertThatThrownBy(() -> amf(VectorKind.UmtsAka.UMTS, 0x8000))
                .hasCauseInstanceOf(AkaException.WrongSeparationBit.class);
        assertThatThrownBy(() -> amf(EPS, 0x18000)).hasCauseInstanceOf(AkaException.WrongAmfLength.class);
    }

    private String amf(VectorKind kind, int stated) {
        AuthenticationVector vector = centre.authenticate(
                        new VectorRequest(SUPI, kind, 1, Optional.empty(), OptionalInt.of(stated)))
                .join()
                .getFirst();
        return HEX.formatHex(vector.autn(), 6, 8);
    }

    @Test
    void theRecordKeepsTheOperatorsChoices() throws Exception {
        load(new LoadFileRow(SUPI, "acme-milenage", octets(16)).wrapped("eopc", octets(16)));
        assertThat(node.store().find(SUPI).orElseThrow().algorithm()).isEqualTo(CATALOGUE.named("acme-milenage"));
        node.database()
                .write(connection ->
                        connection.createStatement().executeUpdate("update subscriber set algorithm_parameters = ''"));
        assertThatThrownBy(() -> node.store().find(SUPI)).isInstanceOf(RecordRefusedException.class);
    }

    @Test
    void aTokenFullOfIdleSubscribersIsWipedWhateverTheirEngine() throws Exception {
        centre.close();
        centre = new AuthenticationCentre(
                node.tokens(), node.storageKeys(), node.store(), new AucSettings(0, 1, 1, ALL, meters));
        for (int number = 0; number < 12; number++) {
            load(new LoadFileRow(ScratchNode.supi(number), "tuak", octets(16)).wrapped("etopc", octets(32)));
        }
        for (int round = 0; round < 3; round++) {
            for (int number = 0; number < 12; number++) {
                Supi supi = ScratchNode.supi(number);
                assertThat(centre.authenticate(new VectorRequest(supi, EPS, 1, Optional.empty()))
                                .join())
                        .hasSize(1);
            }
        }
        assertThat(centre.activeSubscribers()).isLessThan(12);
    }
}
