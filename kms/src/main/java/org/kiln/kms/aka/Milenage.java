package org.kiln.kms.aka;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Milenage (TS 35.206) built from AES blocks, for several challenges to one subscriber at once.
 *
 * <p>Once TEMP = E(RAND ⊕ OPc) is known, so are the inputs of OUT1 to OUT5; so any number of vectors costs two calls of
 * the cipher. An instance owns its buffers, is used by one thread at a time, and is wiped by {@link #wipe}.
 */
public final class Milenage implements AkaOutputs {

    /** Most challenges in one computation. */
    public static final int MOST_VECTORS = 32;

    private static final int BLOCK = 16;
    private static final int HALF = 8;
    private static final long LOW_48 = 0xffff_ffff_ffffL;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private MilenageConstants constants;
    private final int[] rotations = new int[5];
    private final long[] additionsHigh = new long[5];
    private final long[] additionsLow = new long[5];
    private final MemorySegment temp;
    private final MemorySegment inputs;
    private final MemorySegment outputs;

    public Milenage(MilenageConstants constants) {
        this.constants = constants;
        take(constants);
        Arena arena = Arena.ofAuto();
        temp = arena.allocate((long) MOST_VECTORS * BLOCK, 8);
        inputs = arena.allocate(4L * MOST_VECTORS * BLOCK, 8);
        outputs = arena.allocate(4L * MOST_VECTORS * BLOCK, 8);
    }

    /** Sets the operator's constants for the computations that follow. */
    public Milenage with(MilenageConstants newConstants) {
        if (!newConstants.equals(constants)) {
            take(newConstants);
        }
        return this;
    }

    private void take(MilenageConstants newConstants) {
        constants = newConstants;
        for (int i = 0; i < 5; i++) {
            rotations[i] = newConstants.rotations().get(i);
            additionsHigh[i] = newConstants.additions().get(i).high();
            additionsLow[i] = newConstants.additions().get(i).low();
        }
    }

    /**
     * Computes f1 to f5 for {@code count} challenges; the results are read through the methods below.
     *
     * @param opc 16 octets
     * @param rands {@code count} RANDs of 16 octets
     * @param sqns {@code count} sequence numbers of 48 bits
     * @param amf 16 bits
     */
    public void compute(BlockCipher cipher, MemorySegment opc, MemorySegment rands, long[] sqns, int amf, int count) {
        computeTemp(cipher, opc, rands, count);
        long opcHigh = opc.get(WORD, 0);
        long opcLow = opc.get(WORD, 8);
        for (int i = 0; i < count; i++) {
            long high = temp.get(WORD, (long) i * BLOCK);
            long low = temp.get(WORD, (long) i * BLOCK + 8);
            putFirstInput(4 * i, sqns[i] << 16 | amf, opcHigh, opcLow, high, low);
            for (int function = 2; function <= 4; function++) {
                putInput(4 * i + function - 1, function, high ^ opcHigh, low ^ opcLow);
            }
        }
        encryptInputs(cipher, 4 * count, opcHigh, opcLow);
    }

    /**
     * Reads a synchronisation failure (TS 33.102 clause 6.3.3).
     *
     * @param rand the RAND of the challenge that failed
     * @param concealedSqn SQN_MS ⊕ AK*, 48 bits
     * @return SQN_MS; {@link #macS} is then what a true USIM would have sent with it
     */
    public long resynchronise(BlockCipher cipher, MemorySegment opc, MemorySegment rand, long concealedSqn) {
        computeTemp(cipher, opc, rand, 1);
        long opcHigh = opc.get(WORD, 0);
        long opcLow = opc.get(WORD, 8);
        long high = temp.get(WORD, 0);
        long low = temp.get(WORD, 8);
        putInput(0, 5, high ^ opcHigh, low ^ opcLow);
        encryptInputs(cipher, 1, opcHigh, opcLow);
        long sqnMs = concealedSqn ^ outputs.get(WORD, 0) >>> 16;
        putFirstInput(0, sqnMs << 16, opcHigh, opcLow, high, low);
        encryptInputs(cipher, 1, opcHigh, opcLow);
        return sqnMs;
    }

    private void computeTemp(BlockCipher cipher, MemorySegment opc, MemorySegment rands, int count) {
        if (count < 1 || count > MOST_VECTORS) {
            throw new IllegalArgumentException("1 to " + MOST_VECTORS + " vectors at once, not " + count);
        }
        long opcHigh = opc.get(WORD, 0);
        long opcLow = opc.get(WORD, 8);
        for (long at = 0; at < (long) count * BLOCK; at += BLOCK) {
            inputs.set(WORD, at, rands.get(WORD, at) ^ opcHigh);
            inputs.set(WORD, at + 8, rands.get(WORD, at + 8) ^ opcLow);
        }
        cipher.encrypt(inputs, count * BLOCK, temp);
    }

    /** OUT1's input: TEMP ⊕ rot(IN1 ⊕ OPc, r1) ⊕ c1, where IN1 is SQN ‖ AMF twice. */
    private void putFirstInput(int block, long sqnAmf, long opcHigh, long opcLow, long tempHigh, long tempLow) {
        long high = sqnAmf ^ opcHigh;
        long low = sqnAmf ^ opcLow;
        long at = (long) block * BLOCK;
        inputs.set(WORD, at, tempHigh ^ rotatedHigh(high, low, rotations[0]) ^ additionsHigh[0]);
        inputs.set(WORD, at + 8, tempLow ^ rotatedLow(high, low, rotations[0]) ^ additionsLow[0]);
    }

    /** OUTn's input for n from 2 to 5: rot(TEMP ⊕ OPc, rn) ⊕ cn. */
    private void putInput(int block, int function, long high, long low) {
        int r = rotations[function - 1];
        long at = (long) block * BLOCK;
        inputs.set(WORD, at, rotatedHigh(high, low, r) ^ additionsHigh[function - 1]);
        inputs.set(WORD, at + 8, rotatedLow(high, low, r) ^ additionsLow[function - 1]);
    }

    private void encryptInputs(BlockCipher cipher, int blocks, long opcHigh, long opcLow) {
        cipher.encrypt(inputs, blocks * BLOCK, outputs);
        for (long at = 0; at < (long) blocks * BLOCK; at += BLOCK) {
            outputs.set(WORD, at, outputs.get(WORD, at) ^ opcHigh);
            outputs.set(WORD, at + 8, outputs.get(WORD, at + 8) ^ opcLow);
        }
    }

    private static long rotatedHigh(long high, long low, int bits) {
        long first = bits < 64 ? high : low;
        long second = bits < 64 ? low : high;
        int shift = bits & 63;
        return shift == 0 ? first : first << shift | second >>> (64 - shift);
    }

    private static long rotatedLow(long high, long low, int bits) {
        return rotatedHigh(low, high, bits);
    }

    /** f1: MAC-A of challenge {@code i}, 64 bits. */
    public long macA(int i) {
        return outputs.get(WORD, 4L * i * BLOCK);
    }

    /** f1*: MAC-S after {@link #resynchronise}, 64 bits. */
    public long macS() {
        return outputs.get(WORD, 8);
    }

    /** Copies MAC-S, 8 octets. */
    void copyMacS(MemorySegment target) {
        MemorySegment.copy(outputs, HALF, target, 0, HALF);
    }

    /** f2: RES of challenge {@code i}, 64 bits. */
    public long res(int i) {
        return outputs.get(WORD, (4L * i + 1) * BLOCK + 8);
    }

    @Override
    public AkaSizes sizes() {
        return AkaSizes.MILENAGE;
    }

    @Override
    public void copyMacA(int i, byte[] target, int at) {
        MemorySegment.copy(outputs, ValueLayout.JAVA_BYTE, 4L * i * BLOCK, target, at, HALF);
    }

    @Override
    public void copyRes(int i, byte[] target, int at) {
        MemorySegment.copy(outputs, ValueLayout.JAVA_BYTE, (4L * i + 1) * BLOCK + HALF, target, at, HALF);
    }

    @Override
    public long ak(int i) {
        return outputs.get(WORD, (4L * i + 1) * BLOCK) >>> 16 & LOW_48;
    }

    @Override
    public void copyCk(int i, byte[] target, int at) {
        MemorySegment.copy(outputs, ValueLayout.JAVA_BYTE, (4L * i + 2) * BLOCK, target, at, BLOCK);
    }

    @Override
    public void copyIk(int i, byte[] target, int at) {
        MemorySegment.copy(outputs, ValueLayout.JAVA_BYTE, (4L * i + 3) * BLOCK, target, at, BLOCK);
    }

    /** Overwrites every intermediate value and result. */
    @Override
    public void wipe() {
        temp.fill((byte) 0);
        inputs.fill((byte) 0);
        outputs.fill((byte) 0);
    }
}
