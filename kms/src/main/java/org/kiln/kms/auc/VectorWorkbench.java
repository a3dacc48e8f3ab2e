package org.kiln.kms.auc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.Milenage;
import org.kiln.kms.aka.VectorGenerator;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;

/** What one lane's thread needs to compute vectors: buffers, a generator, a pool of random octets. */
final class VectorWorkbench {

    private final MemorySegment rands = Arena.ofAuto().allocate(16L * Milenage.MOST_VECTORS, 16);
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

    /** Vectors for the SEQs from {@code firstSeq} on. */
    List<AuthenticationVector> vectors(
            Session session, ActiveSubscriber active, VectorKind kind, long firstSeq, int count) {
        MemorySegment opc = actives.open(active, session, keys);
        long ki = active.ki();
        long[] sqns = new long[count];
        for (int i = 0; i < count; i++) {
            sqns[i] = active.sequence().format().of(firstSeq + i);
        }
        random.fill(session, rands.asSlice(0, 16L * count));
        return generator.generate(
                (in, length, out) -> session.encrypt(ecb, ki, in, length, out),
                opc,
                rands,
                sqns,
                active.subscriber().amf(),
                kind);
    }

    /** SQN_MS of a synchronisation failure, or -1 if the card did not make it. */
    long sqnMs(Session session, ActiveSubscriber active, VectorRequest.Resynchronisation failure) {
        MemorySegment opc = actives.open(active, session, keys);
        long ki = active.ki();
        MemorySegment.copy(failure.rand(), 0, rands, ValueLayout.JAVA_BYTE, 0, 16);
        return generator.verifyAuts(
                (in, length, out) -> session.encrypt(ecb, ki, in, length, out), opc, rands, failure.auts());
    }
}
