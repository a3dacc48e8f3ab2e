package org.kiln.kms.auc;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.kiln.kms.aka.AkaBuffer;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.Auts;
import org.kiln.kms.aka.Comp128;
import org.kiln.kms.aka.Tuak;
import org.kiln.kms.aka.VectorGenerator;
import org.kiln.kms.aka.XorAlgorithm;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.token.LockedMemory;

/**
 * Computes on the host what the token cannot: Ki is read from under {@code SKH} into locked memory for one call, and wiped
 * before the call returns, on every path.
 */
final class GuardedHostEngine implements AkaEngine {

    private static final int LONGEST_KEY = 32;
    private static final int LONGEST_MAC = 32;
    private static final int TRIPLET = 12;
    private static final int SRES = 4;
    private static final int WORKSPACE_AT = LONGEST_KEY + LONGEST_MAC + 16;

    private final OpenKeys keys;
    private final VectorGenerator generator;
    private final AkaBuffer outputs = new AkaBuffer();
    private final MemorySegment guarded;
    private final MemorySegment key;
    private final MemorySegment macS;
    private final MemorySegment triplet;
    private final MemorySegment workspace;
    private final Tuak tuak;

    /** @throws org.kiln.token.TokenException if the system locks no memory */
    GuardedHostEngine(OpenKeys keys, VectorGenerator generator) {
        this(keys, generator, LockedMemory.allocate(octets()));
    }

    /** @param guarded {@link #octets} octets, locked */
    GuardedHostEngine(OpenKeys keys, VectorGenerator generator, MemorySegment guarded) {
        this.keys = keys;
        this.generator = generator;
        this.guarded = guarded;
        key = guarded.asSlice(0, LONGEST_KEY);
        macS = guarded.asSlice(LONGEST_KEY, LONGEST_MAC);
        triplet = guarded.asSlice(LONGEST_KEY + LONGEST_MAC, TRIPLET);
        workspace = guarded.asSlice(WORKSPACE_AT);
        tuak = new Tuak(workspace);
    }

    static int octets() {
        return WORKSPACE_AT + Math.max(Tuak.WORKSPACE, comp128Workspace());
    }

    @SuppressWarnings("deprecation")
    private static int comp128Workspace() {
        return Comp128.WORKSPACE;
    }

    @Override
    public List<AuthenticationVector> vectors(LaneSession session, ActiveSubscriber active, Challenge challenge) {
        return switch (active.subscriber().algorithm()) {
            case Algorithm.Tuak chosen -> {
                MemorySegment topc = keys.openOpc(active, session);
                tuak.with(chosen.chosen());
                yield withKey(session, active, k -> {
                    for (int i = 0; i < challenge.count(); i++) {
                        tuak.compute(k, topc, challenge.rand(i), challenge.sqns()[i], challenge.amf(), outputs, i);
                    }
                    return vectors(challenge);
                });
            }
            case Algorithm.Xor _ ->
                withKey(session, active, k -> {
                    for (int i = 0; i < challenge.count(); i++) {
                        XorAlgorithm.compute(k, challenge.rand(i), challenge.sqns()[i], challenge.amf(), outputs, i);
                    }
                    return vectors(challenge);
                });
            case Algorithm.Comp128(int version) -> withKey(session, active, k -> triplets(version, k, challenge));
            case Algorithm.Milenage _ -> throw neverHere();
        };
    }

    private List<AuthenticationVector> vectors(Challenge challenge) {
        return generator.vectors(outputs, challenge.rands(), challenge.sqns(), challenge.amf(), challenge.kind());
    }

    @SuppressWarnings("deprecation")
    private List<AuthenticationVector> triplets(int version, MemorySegment k, Challenge challenge) {
        Comp128 comp128 = new Comp128(workspace);
        List<AuthenticationVector> vectors = new ArrayList<>(challenge.count());
        for (int i = 0; i < challenge.count(); i++) {
            comp128.compute(version, k, challenge.rand(i), triplet);
            vectors.add(new AuthenticationVector.Gsm(
                    challenge.rand(i).toArray(ValueLayout.JAVA_BYTE),
                    triplet.asSlice(0, SRES).toArray(ValueLayout.JAVA_BYTE),
                    triplet.asSlice(SRES).toArray(ValueLayout.JAVA_BYTE)));
        }
        return vectors;
    }

    @Override
    public long sqnMs(LaneSession session, ActiveSubscriber active, MemorySegment rand, Auts auts) {
        return switch (active.subscriber().algorithm()) {
            case Algorithm.Tuak chosen -> {
                MemorySegment topc = keys.openOpc(active, session);
                tuak.with(chosen.chosen());
                yield withKey(session, active, k -> {
                    long sqnMs = tuak.resynchronise(k, topc, rand, auts.concealedSqn(), macS);
                    return auts.macSIs(macS, chosen.macOctets()) ? sqnMs : -1L;
                });
            }
            case Algorithm.Xor xor ->
                withKey(session, active, k -> {
                    long sqnMs = XorAlgorithm.resynchronise(k, rand, auts.concealedSqn(), macS);
                    return auts.macSIs(macS, xor.macOctets()) ? sqnMs : -1L;
                });
            case Algorithm.Comp128 gsm ->
                throw new AkaException.KindNotServed(gsm.label() + " has no sequence numbers to resynchronise");
            case Algorithm.Milenage _ -> throw neverHere();
        };
    }

    /** The one place where a Ki is in memory of the host: from here to the end of this method. */
    private <T> T withKey(LaneSession session, ActiveSubscriber active, Function<MemorySegment, T> use) {
        try {
            int octets = keys.storage().readHostKi(session, active.subscriber().ki(), key);
            active.subscriber().algorithm().requireKeyOctets(octets);
            return use.apply(key.asSlice(0, octets));
        } finally {
            guarded.fill((byte) 0);
            outputs.wipe();
        }
    }

    private static AkaException neverHere() {
        return new AkaException.WrongKeyType("Milenage is not computed on the host");
    }
}
