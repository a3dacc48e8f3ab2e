package org.kiln.kms.auc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.aka.AkaBuffer;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.aka.AkaSizes;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.Auts;
import org.kiln.kms.aka.VectorGenerator;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.token.TokenException;
import org.kiln.token.TokenProfile;

/**
 * Milenage and TUAK by the token's own mechanisms, in Luna's manner: each call is a {@code C_Sign} under the storage key
 * and carries Ki as it is stored, wrapped by AES-KWP. The token makes RAND and answers RAND ‖ XRES ‖ CK ‖ IK ‖ SQN ⊕ AK ‖
 * MAC-A: one call a vector.
 */
final class VendorEngine implements AkaEngine {

    private static final int RAND = 16;
    private static final int SQN = 6;
    private static final int LONGEST_ANSWER = 160;
    private static final int LONGEST_AUTS = SQN + 32;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final TokenProfile.Aka aka;
    private final OpenKeys keys;
    private final VectorGenerator generator;
    private final AkaBuffer outputs = new AkaBuffer();
    private final MemorySegment answer = Arena.ofAuto().allocate(LONGEST_ANSWER, 8);
    private final MemorySegment failure = Arena.ofAuto().allocate(RAND + LONGEST_AUTS, 8);

    VendorEngine(TokenProfile profile, OpenKeys keys, VectorGenerator generator) {
        TokenProfile.Aka stated = profile.aka();
        if (stated == null) {
            throw new TokenException("token profile " + profile.family() + " states no mechanisms for vectors (aka)");
        }
        aka = stated;
        this.keys = keys;
        this.generator = generator;
    }

    @Override
    public List<AuthenticationVector> vectors(LaneSession session, ActiveSubscriber active, Challenge challenge) {
        MemorySegment opc = keys.openOpc(active, session);
        WrappedKey ki = active.subscriber().ki();
        long storageKey = keys.storage().wrappingKeyOf(session, ki);
        Algorithm algorithm = active.subscriber().algorithm();
        outputs.sizes(sizes(algorithm));
        try {
            for (int i = 0; i < challenge.count(); i++) {
                long sqn = challenge.sqns()[i];
                Mechanism mechanism = mechanism(algorithm, false, ki, opc, sqn, challenge.amf());
                int length = session.sign(mechanism, storageKey, MemorySegment.NULL, 0, answer);
                read(length, challenge.rand(i), sqn, i);
            }
            return generator.vectors(outputs, challenge.rands(), challenge.sqns(), challenge.amf(), challenge.kind());
        } finally {
            answer.fill((byte) 0);
            outputs.wipe();
        }
    }

    private void read(int length, MemorySegment rand, long sqn, int i) {
        AkaSizes sizes = outputs.sizes();
        int expected = RAND + sizes.res() + sizes.ck() + sizes.ik() + SQN + sizes.mac();
        if (length != expected) {
            throw new TokenException("the token's mechanism answers " + length + " octets instead of " + expected
                    + ": the profile's 'aka' does not fit it");
        }
        long at = take(0, rand);
        at = take(at, outputs.res(i));
        at = take(at, outputs.ck(i));
        at = take(at, outputs.ik(i));
        outputs.ak(i, sqn ^ answer.get(WORD, at) >>> 16);
        take(at + SQN, outputs.mac(i));
    }

    private long take(long at, MemorySegment target) {
        MemorySegment.copy(answer, at, target, 0, target.byteSize());
        return at + target.byteSize();
    }

    /** The token compares MAC-S itself, and answers SQN_MS or {@code CKR_SIGNATURE_INVALID}. */
    @Override
    public long sqnMs(LaneSession session, ActiveSubscriber active, MemorySegment rand, Auts auts) {
        Algorithm algorithm = active.subscriber().algorithm();
        int octets = auts.octets().length;
        if (octets != SQN + algorithm.macOctets()) {
            return -1;
        }
        MemorySegment opc = keys.openOpc(active, session);
        WrappedKey ki = active.subscriber().ki();
        MemorySegment.copy(rand, 0, failure, 0, RAND);
        MemorySegment.copy(auts.octets(), 0, failure, ValueLayout.JAVA_BYTE, RAND, octets);
        try {
            int length = session.sign(
                    mechanism(algorithm, true, ki, opc, 0, 0),
                    keys.storage().wrappingKeyOf(session, ki),
                    failure,
                    RAND + octets,
                    answer);
            if (length != SQN) {
                throw new TokenException("the token's mechanism answers " + length + " octets instead of an SQN");
            }
            return answer.get(WORD, 0) >>> 16;
        } catch (Pkcs11Exception e) {
            if (e.ckr() == Ckr.SIGNATURE_INVALID) {
                return -1;
            }
            throw e;
        } finally {
            answer.fill((byte) 0);
        }
    }

    private static AkaSizes sizes(Algorithm algorithm) {
        return algorithm instanceof Algorithm.Tuak tuak ? tuak.chosen().sizes() : AkaSizes.MILENAGE;
    }

    private Mechanism mechanism(
            Algorithm algorithm, boolean resynchronisation, WrappedKey ki, MemorySegment opc, long sqn, int amf) {
        return switch (algorithm) {
            case Algorithm.Milenage _ ->
                new Mechanism(
                        stated(
                                resynchronisation ? aka.milenageResync() : aka.milenage(),
                                resynchronisation ? "milenageResync" : "milenage"),
                        new Mechanism.LunaMilenage(opcFlag(), ki.blob(), opc.asSlice(0, 16), sqn, amf));
            case Algorithm.Tuak(var chosen) ->
                new Mechanism(
                        stated(
                                resynchronisation ? aka.tuakResync() : aka.tuak(),
                                resynchronisation ? "tuakResync" : "tuak"),
                        new Mechanism.LunaTuak(
                                opcFlag(),
                                ki.blob(),
                                opc.asSlice(0, 32),
                                chosen.iterations(),
                                chosen.sizes().res(),
                                chosen.sizes().mac(),
                                chosen.sizes().ck(),
                                chosen.sizes().ik(),
                                sqn,
                                amf));
            case Algorithm.Comp128 _, Algorithm.Xor _ ->
                throw new AkaException.NotSwitchedOn(
                        algorithm.label(), "Kiln drives no mechanism of a vendor's for it");
        };
    }

    private long opcFlag() {
        return stated(aka.opcFlag(), "opcFlag");
    }

    private static long stated(@Nullable Long number, String field) {
        if (number == null) {
            throw new TokenException("the token's profile states no aka." + field
                    + "; find the number in the vendor's header file and use a profile of your own");
        }
        return number;
    }
}
