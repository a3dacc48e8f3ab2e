package org.kiln.kms.auc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.aka.Auts;
import org.kiln.kms.aka.Native;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorGenerator;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.keys.KeyException;
import org.kiln.kms.provisioning.LoadFileRow;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.kms.provisioning.SubscriberImport.OnBadRow;
import org.kiln.kms.seat.Seat;
import org.kiln.kms.sqn.SeqClock;
import org.kiln.kms.sqn.SqnCeiling;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.AlgorithmText;
import org.kiln.kms.subscriber.Engine;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.token.LockedMemory;

/** What the guarded host leaves in its memory: nothing, whichever way a call ends. */
class GuardedHostEngineTest {

    private static final VectorKind EPS = VectorKind.EpsAka.of(new PlmnId("001", "01"));
    private static final Seat SEAT = new Seat(0, new SqnCeiling(SeqClock.system(0), _ -> {}), Seat.Term.FOR_LIFE);
    private static final EngineChoice TUAK_ONLY = new EngineChoice(Set.of(), Set.of("tuak"), false);

    @TempDir
    private Path folder;

    private ScratchNode node;
    private MemorySegment guarded;
    private GuardedHostEngine engine;

    @BeforeEach
    void open() throws Exception {
        node = new ScratchNode(folder);
        LoadFileRow row =
                new LoadFileRow(ScratchNode.supi(1), "wide", ScratchNode.ki(1)).wrapped("etopc", new byte[32]);
        AlgorithmCatalogue catalogue = new AlgorithmCatalogue(
                TUAK_ONLY, Map.of("wide", AlgorithmText.parse("tuak iterations=1 mac=128 res=64 ck=128 ik=128")));
        node.importer(catalogue).run(LoadFileRow.write(folder, row), OnBadRow.REFUSE_FILE, done -> {});
        OpcShelf shelf = new OpcShelf(4);
        ActiveSubscribers actives =
                new ActiveSubscribers(4, shelf, SeqClock.system(0), TUAK_ONLY, idle -> idle.wipeIfAbandoned(shelf));
        guarded = LockedMemory.allocate(GuardedHostEngine.octets());
        engine = new GuardedHostEngine(new OpenKeys(node.storageKeys(), actives), new VectorGenerator(), guarded);
    }

    @AfterEach
    void close() {
        node.close();
    }

    private Subscriber subscriber() {
        return node.store().find(ScratchNode.supi(1)).orElseThrow();
    }

    private int compute(LaneSession session, Subscriber subscriber, VectorKind kind) {
        ActiveSubscriber active = new ActiveSubscriber(SEAT, subscriber, Engine.GUARDED_HOST, System.nanoTime());
        Challenge challenge = new Challenge(kind, kind.amf(0), Native.zeros(32), new long[] {32, 64});
        return engine.vectors(session, active, challenge).size();
    }

    private void requireClean() {
        assertThat(Native.hex(guarded)).matches("0+");
    }

    @Test
    void kiIsWipedAfterVectorsAndAfterAnAuts() {
        int made = node.tokens().call(session -> compute(session, subscriber(), VectorKind.UmtsAka.UMTS));
        assertThat(made).isEqualTo(2);
        requireClean();
        long sqnMs = node.tokens()
                .call(session -> engine.sqnMs(
                        session,
                        new ActiveSubscriber(SEAT, subscriber(), Engine.GUARDED_HOST, System.nanoTime()),
                        Native.zeros(16),
                        new Auts(new byte[22])));
        assertThat(sqnMs).isEqualTo(-1);
        requireClean();
    }

    @Test
    void kiIsWipedWhenTheCallFails() {
        assertThatThrownBy(() -> node.tokens().call(session -> compute(session, subscriber(), EPS)))
                .isInstanceOf(AkaException.KindNotServed.class);
        requireClean();
    }

    /** A record that was given the blob of a hidden Ki is refused here, and by the token if it were asked. */
    @Test
    void aKiThatTheTokenHidesIsNotRead() throws Exception {
        node.provision(1);
        Subscriber hidden = node.store().find(ScratchNode.supi(0)).orElseThrow();
        Subscriber own = subscriber();
        Subscriber forged = new Subscriber(own.supi(), own.algorithm(), hidden.ki(), own.opc(), own.amf(), own.sqn());
        assertThatThrownBy(() -> TUAK_ONLY.of(forged)).isInstanceOf(AkaException.WrongKeyType.class);
        assertThatThrownBy(() -> node.tokens().call(session -> compute(session, forged, VectorKind.UmtsAka.UMTS)))
                .isInstanceOf(KeyException.class);
        requireClean();
        assertThat(HexFormat.of().formatHex(hidden.ki().blob()))
                .doesNotContain(HexFormat.of().formatHex(ScratchNode.ki(0)));
    }
}
