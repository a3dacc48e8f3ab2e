package org.kiln.kms.auc;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.Auts;
import org.kiln.kms.aka.MilenageConstants;
import org.kiln.kms.aka.VectorGenerator;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.pkcs11.Mechanism;

/**
 * Milenage from AES blocks in the token: two calls for any number of vectors. What is computed with a Ki counts only if the
 * session that owns it was open all the while.
 */
final class PortableEngine implements AkaEngine {

    private final Mechanism ecb;
    private final OpenKeys keys;
    private final VectorGenerator generator;

    PortableEngine(Mechanism ecb, OpenKeys keys, VectorGenerator generator) {
        this.ecb = ecb;
        this.keys = keys;
        this.generator = generator;
    }

    @Override
    public List<AuthenticationVector> vectors(LaneSession session, ActiveSubscriber active, Challenge challenge) {
        ActiveSubscriber.KiInUse ki = keys.open(active, session);
        List<AuthenticationVector> vectors = generator.generate(
                constants(active),
                (in, length, out) -> session.encrypt(ecb, ki.handle(), in, length, out),
                active.opc(),
                challenge.rands(),
                challenge.sqns(),
                challenge.amf(),
                challenge.kind());
        ki.owner().requireOpen();
        return vectors;
    }

    @Override
    public long sqnMs(LaneSession session, ActiveSubscriber active, MemorySegment rand, Auts auts) {
        ActiveSubscriber.KiInUse ki = keys.open(active, session);
        long sqnMs = generator.verifyAuts(
                constants(active),
                (in, length, out) -> session.encrypt(ecb, ki.handle(), in, length, out),
                active.opc(),
                rand,
                auts);
        ki.owner().requireOpen();
        return sqnMs;
    }

    private static MilenageConstants constants(ActiveSubscriber active) {
        return ((Algorithm.Milenage) active.subscriber().algorithm()).constants();
    }
}
