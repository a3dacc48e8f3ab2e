package org.kiln.kms.aka;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * TUAK (TS 35.231): f1, f1*, f2 to f5 and f5* from the bare permutation Keccak-f[1600], iterated as the operator chose.
 *
 * <p>K and TOPc are read where they lie, off the heap. The state is in memory that the caller gives, for one thread; it
 * holds K while a function runs and is wiped before the function returns.
 */
public final class Tuak {

    /** Octets of memory that an instance needs. */
    public static final int WORKSPACE = Keccak.STATE;

    private static final byte[] ALGORITHM_NAME = "TUAK1.0".getBytes(StandardCharsets.US_ASCII);

    private static final int TOPC = 32;
    private static final int INSTANCE_AT = 32;
    private static final int NAME_AT = 33;
    private static final int RAND_AT = 40;
    private static final int AMF_AT = 56;
    private static final int SQN_AT = 58;
    private static final int K_AT = 64;
    private static final int PADDING_AT = 96;
    private static final int LAST_OF_RATE = 135;

    private static final int CK_AT = 32;
    private static final int IK_AT = 64;
    private static final int AK_AT = 96;

    private static final int F1_STAR = 0x80;
    private static final int F2_TO_F5 = 0x40;
    private static final int F5_STAR = 0xc0;

    private final MemorySegment state;
    private TuakParameters parameters = TuakParameters.USUAL;

    /** @param workspace {@value #WORKSPACE} octets off the heap */
    public Tuak(MemorySegment workspace) {
        state = workspace.asSlice(0, WORKSPACE);
    }

    /** Sets the operator's choices for the computations that follow. */
    public Tuak with(TuakParameters newParameters) {
        parameters = newParameters;
        return this;
    }

    /**
     * TOPc from TOP (clause 6.1).
     *
     * @param k 16 or 32 octets
     * @param top 32 octets
     * @param out 32 octets, the caller's to wipe
     */
    public void topc(MemorySegment k, MemorySegment top, MemorySegment out) {
        try {
            absorb(k, top, 0, MemorySegment.NULL, 0, 0);
            squeeze(0, out.asSlice(0, TOPC));
        } finally {
            wipe();
        }
    }

    /**
     * f1 to f5 of one challenge, into row {@code i} of {@code out}, whose sizes are set here.
     *
     * @param k 16 or 32 octets
     * @param topc 32 octets
     * @param rand 16 octets
     * @param sqn 48 bits
     * @param amf 16 bits
     */
    public void compute(
            MemorySegment k, MemorySegment topc, MemorySegment rand, long sqn, int amf, AkaBuffer out, int i) {
        out.sizes(parameters.sizes());
        try {
            absorb(k, topc, macInstance(), rand, sqn, amf);
            squeeze(0, out.mac(i));
            absorb(k, topc, responseInstance(), rand, 0, 0);
            squeeze(0, out.res(i));
            squeeze(CK_AT, out.ck(i));
            squeeze(IK_AT, out.ik(i));
            out.ak(i, squeezeAk());
        } finally {
            wipe();
        }
    }

    /**
     * Reads a synchronisation failure (TS 33.102 clause 6.3.3): f5* and, with AMF 0000, f1*.
     *
     * @param concealedSqn SQN_MS ⊕ AK*, 48 bits
     * @param macS where MAC-S goes that a true USIM would have sent with it
     * @return SQN_MS
     */
    public long resynchronise(
            MemorySegment k, MemorySegment topc, MemorySegment rand, long concealedSqn, MemorySegment macS) {
        try {
            absorb(k, topc, F5_STAR, rand, 0, 0);
            long sqnMs = concealedSqn ^ squeezeAk();
            absorb(k, topc, macInstance() | F1_STAR, rand, sqnMs, 0);
            squeeze(0, macS.asSlice(0, parameters.sizes().mac()));
            return sqnMs;
        } finally {
            wipe();
        }
    }

    private int macInstance() {
        return parameters.sizes().mac();
    }

    private int responseInstance() {
        int res = parameters.sizes().res();
        return F2_TO_F5
                | (res == 4 ? 0 : res)
                | (parameters.sizes().ck() == 32 ? 4 : 0)
                | (parameters.sizes().ik() == 32 ? 2 : 0);
    }

    /** Sets up the message of 96 octets and the padding (clause 7), then permutes. */
    private void absorb(MemorySegment k, MemorySegment topc, int instance, MemorySegment rand, long sqn, int amf) {
        long kOctets = k.byteSize();
        if (kOctets != 16 && kOctets != 32) {
            throw new AkaException.WrongKeyLength("tuak", kOctets, "16 or 32");
        }
        state.fill((byte) 0);
        putReversed(topc.asSlice(0, TOPC), 0);
        set(INSTANCE_AT, instance | (kOctets == 32 ? 1 : 0));
        for (int i = 0; i < ALGORITHM_NAME.length; i++) {
            set(NAME_AT + i, ALGORITHM_NAME[ALGORITHM_NAME.length - 1 - i]);
        }
        putReversed(rand, RAND_AT);
        set(AMF_AT, amf);
        set(AMF_AT + 1, amf >>> 8);
        for (int i = 0; i < 6; i++) {
            set(SQN_AT + i, (int) (sqn >>> (8 * i)));
        }
        putReversed(k, K_AT);
        set(PADDING_AT, 0x1f);
        set(LAST_OF_RATE, 0x80);
        for (int i = 0; i < parameters.iterations(); i++) {
            Keccak.permute(state);
        }
    }

    private void set(int at, int octet) {
        state.set(ValueLayout.JAVA_BYTE, at, (byte) octet);
    }

    private void putReversed(MemorySegment octets, int at) {
        long last = octets.byteSize() - 1;
        for (long i = 0; i <= last; i++) {
            state.set(ValueLayout.JAVA_BYTE, at + i, octets.get(ValueLayout.JAVA_BYTE, last - i));
        }
    }

    private void squeeze(int at, MemorySegment out) {
        long last = out.byteSize() - 1;
        for (long i = 0; i <= last; i++) {
            out.set(ValueLayout.JAVA_BYTE, i, state.get(ValueLayout.JAVA_BYTE, at + last - i));
        }
    }

    private long squeezeAk() {
        long ak = 0;
        for (int i = 5; i >= 0; i--) {
            ak = (ak << 8) | (state.get(ValueLayout.JAVA_BYTE, AK_AT + i) & 0xff);
        }
        return ak;
    }

    private void wipe() {
        state.fill((byte) 0);
    }
}
