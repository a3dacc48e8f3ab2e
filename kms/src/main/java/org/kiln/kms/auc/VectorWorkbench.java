package org.kiln.kms.auc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.Milenage;
import org.kiln.kms.aka.VectorGenerator;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.pkcs11.Mechanism;

/**
 * What one lane's thread needs to compute vectors: buffers, a generator, a pool of random octets. What is computed with a
 * Ki counts only if the session that owns it was open all the while.
 */
final class VectorWorkbench {

    private final MemorySegment rands = Arena.ofAuto().allocate(16L * Milenage.MOST_VECTORS, 16);
    private final MemorySegment scratch = Arena.ofAuto().allocate(16, 16);
    private final VectorGenerator generator = new VectorGenerator();
    private final RandomPool random = new RandomPool();
    private final Mechanism ecb;
    private final StorageKeys keys;
    private final ActiveSubscribers actives;

    VectorWorkbench(Mechanism ecb, StorageKeys keys, ActiveSubscribers actives) {
        this.ecb = ecb;
        this.keys = keys;
        this.actives = actives;
    }

    /** Vectors for the SEQs from {@code firstSeq} on, all with one IND. */
    List<AuthenticationVector> vectors(
            LaneSession session, ActiveSubscriber active, VectorKind kind, long firstSeq, int ind, int count) {
        ActiveSubscriber.KiInUse ki = actives.open(active, session, keys, scratch);
        long[] sqns = new long[count];
        for (int i = 0; i < count; i++) {
            sqns[i] = active.format().of(firstSeq + i, ind);
        }
        random.fill(session, rands.asSlice(0, 16L * count));
        List<AuthenticationVector> vectors = generator.generate(
                (in, length, out) -> session.encrypt(ecb, ki.handle(), in, length, out),
                active.opc(),
                rands,
                sqns,
                active.subscriber().amf(),
                kind);
        ki.owner().requireOpen();
        return vectors;
    }

    /** SQN_MS of a synchronisation failure, or -1 if the card did not make it. */
    long sqnMs(LaneSession session, ActiveSubscriber active, VectorRequest.Resynchronisation failure) {
        ActiveSubscriber.KiInUse ki = actives.open(active, session, keys, scratch);
        MemorySegment.copy(failure.rand(), 0, rands, ValueLayout.JAVA_BYTE, 0, 16);
        long sqnMs = generator.verifyAuts(
                (in, length, out) -> session.encrypt(ecb, ki.handle(), in, length, out),
                active.opc(),
                rands,
                failure.auts());
        ki.owner().requireOpen();
        return sqnMs;
    }
}
