package org.kiln.kms.aka;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Results of f1 to f5 off the heap, one row of 128 octets a challenge: MAC, RES, CK and IK in 32 octets each. AK stands
 * beside. Used by one thread, and wiped by {@link #wipe}.
 */
public final class AkaBuffer implements AkaOutputs {

    private static final long FIELD = 32;
    private static final long ROW = 4 * FIELD;

    private final MemorySegment rows = Arena.ofAuto().allocate(Milenage.MOST_VECTORS * ROW, 8);
    private final long[] aks = new long[Milenage.MOST_VECTORS];
    private AkaSizes sizes = AkaSizes.MILENAGE;

    /** Says how long the results to come are. */
    public void sizes(AkaSizes newSizes) {
        sizes = newSizes;
    }

    @Override
    public AkaSizes sizes() {
        return sizes;
    }

    /** Where MAC-A of challenge {@code i} goes. */
    public MemorySegment mac(int i) {
        return rows.asSlice(i * ROW, sizes.mac());
    }

    /** Where RES goes. */
    public MemorySegment res(int i) {
        return rows.asSlice(i * ROW + FIELD, sizes.res());
    }

    /** Where CK goes. */
    public MemorySegment ck(int i) {
        return rows.asSlice(i * ROW + 2 * FIELD, sizes.ck());
    }

    /** Where IK goes. */
    public MemorySegment ik(int i) {
        return rows.asSlice(i * ROW + 3 * FIELD, sizes.ik());
    }

    /** Keeps AK, 48 bits. */
    public void ak(int i, long ak) {
        aks[i] = ak;
    }

    @Override
    public long ak(int i) {
        return aks[i];
    }

    @Override
    public void copyMacA(int i, byte[] target, int at) {
        copy(mac(i), target, at);
    }

    @Override
    public void copyRes(int i, byte[] target, int at) {
        copy(res(i), target, at);
    }

    @Override
    public void copyCk(int i, byte[] target, int at) {
        copy(ck(i), target, at);
    }

    @Override
    public void copyIk(int i, byte[] target, int at) {
        copy(ik(i), target, at);
    }

    private static void copy(MemorySegment field, byte[] target, int at) {
        MemorySegment.copy(field, ValueLayout.JAVA_BYTE, 0, target, at, (int) field.byteSize());
    }

    @Override
    public void wipe() {
        rows.fill((byte) 0);
        Arrays.fill(aks, 0);
    }
}
