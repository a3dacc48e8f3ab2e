package org.kiln.kms.aka;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The permutation Keccak-f[1600] (FIPS 202 clause 3.3), bare: TUAK iterates it without a sponge. The state of 200 octets
 * is the caller's, off the heap; while a permutation runs its lanes are in registers and on the thread's stack.
 */
final class Keccak {

    /** Octets of the state. */
    static final int STATE = 200;

    private static final ValueLayout.OfLong LANE = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Round constants (FIPS 202 clause 3.2.5). */
    private static final long[] IOTA = {
        0x0000000000000001L, 0x0000000000008082L, 0x800000000000808aL,
        0x8000000080008000L, 0x000000000000808bL, 0x0000000080000001L,
        0x8000000080008081L, 0x8000000000008009L, 0x000000000000008aL,
        0x0000000000000088L, 0x0000000080008009L, 0x000000008000000aL,
        0x000000008000808bL, 0x800000000000008bL, 0x8000000000008089L,
        0x8000000000008003L, 0x8000000000008002L, 0x8000000000000080L,
        0x000000000000800aL, 0x800000008000000aL, 0x8000000080008081L,
        0x8000000000008080L, 0x0000000080000001L, 0x8000000080008008L,
    };

    private Keccak() {}

    /** Permutes the state in place. */
    static void permute(MemorySegment state) {
        long a00 = state.get(LANE, 0);
        long a10 = state.get(LANE, 8);
        long a20 = state.get(LANE, 16);
        long a30 = state.get(LANE, 24);
        long a40 = state.get(LANE, 32);
        long a01 = state.get(LANE, 40);
        long a11 = state.get(LANE, 48);
        long a21 = state.get(LANE, 56);
        long a31 = state.get(LANE, 64);
        long a41 = state.get(LANE, 72);
        long a02 = state.get(LANE, 80);
        long a12 = state.get(LANE, 88);
        long a22 = state.get(LANE, 96);
        long a32 = state.get(LANE, 104);
        long a42 = state.get(LANE, 112);
        long a03 = state.get(LANE, 120);
        long a13 = state.get(LANE, 128);
        long a23 = state.get(LANE, 136);
        long a33 = state.get(LANE, 144);
        long a43 = state.get(LANE, 152);
        long a04 = state.get(LANE, 160);
        long a14 = state.get(LANE, 168);
        long a24 = state.get(LANE, 176);
        long a34 = state.get(LANE, 184);
        long a44 = state.get(LANE, 192);
        for (long constant : IOTA) {
            long c0 = a00 ^ a01 ^ a02 ^ a03 ^ a04;
            long c1 = a10 ^ a11 ^ a12 ^ a13 ^ a14;
            long c2 = a20 ^ a21 ^ a22 ^ a23 ^ a24;
            long c3 = a30 ^ a31 ^ a32 ^ a33 ^ a34;
            long c4 = a40 ^ a41 ^ a42 ^ a43 ^ a44;
            long d0 = c4 ^ Long.rotateLeft(c1, 1);
            long d1 = c0 ^ Long.rotateLeft(c2, 1);
            long d2 = c1 ^ Long.rotateLeft(c3, 1);
            long d3 = c2 ^ Long.rotateLeft(c4, 1);
            long d4 = c3 ^ Long.rotateLeft(c0, 1);
            long b00 = a00 ^ d0;
            long b02 = Long.rotateLeft(a10 ^ d1, 1);
            long b04 = Long.rotateLeft(a20 ^ d2, 62);
            long b01 = Long.rotateLeft(a30 ^ d3, 28);
            long b03 = Long.rotateLeft(a40 ^ d4, 27);
            long b13 = Long.rotateLeft(a01 ^ d0, 36);
            long b10 = Long.rotateLeft(a11 ^ d1, 44);
            long b12 = Long.rotateLeft(a21 ^ d2, 6);
            long b14 = Long.rotateLeft(a31 ^ d3, 55);
            long b11 = Long.rotateLeft(a41 ^ d4, 20);
            long b21 = Long.rotateLeft(a02 ^ d0, 3);
            long b23 = Long.rotateLeft(a12 ^ d1, 10);
            long b20 = Long.rotateLeft(a22 ^ d2, 43);
            long b22 = Long.rotateLeft(a32 ^ d3, 25);
            long b24 = Long.rotateLeft(a42 ^ d4, 39);
            long b34 = Long.rotateLeft(a03 ^ d0, 41);
            long b31 = Long.rotateLeft(a13 ^ d1, 45);
            long b33 = Long.rotateLeft(a23 ^ d2, 15);
            long b30 = Long.rotateLeft(a33 ^ d3, 21);
            long b32 = Long.rotateLeft(a43 ^ d4, 8);
            long b42 = Long.rotateLeft(a04 ^ d0, 18);
            long b44 = Long.rotateLeft(a14 ^ d1, 2);
            long b41 = Long.rotateLeft(a24 ^ d2, 61);
            long b43 = Long.rotateLeft(a34 ^ d3, 56);
            long b40 = Long.rotateLeft(a44 ^ d4, 14);
            a00 = b00 ^ (~b10 & b20) ^ constant;
            a10 = b10 ^ (~b20 & b30);
            a20 = b20 ^ (~b30 & b40);
            a30 = b30 ^ (~b40 & b00);
            a40 = b40 ^ (~b00 & b10);
            a01 = b01 ^ (~b11 & b21);
            a11 = b11 ^ (~b21 & b31);
            a21 = b21 ^ (~b31 & b41);
            a31 = b31 ^ (~b41 & b01);
            a41 = b41 ^ (~b01 & b11);
            a02 = b02 ^ (~b12 & b22);
            a12 = b12 ^ (~b22 & b32);
            a22 = b22 ^ (~b32 & b42);
            a32 = b32 ^ (~b42 & b02);
            a42 = b42 ^ (~b02 & b12);
            a03 = b03 ^ (~b13 & b23);
            a13 = b13 ^ (~b23 & b33);
            a23 = b23 ^ (~b33 & b43);
            a33 = b33 ^ (~b43 & b03);
            a43 = b43 ^ (~b03 & b13);
            a04 = b04 ^ (~b14 & b24);
            a14 = b14 ^ (~b24 & b34);
            a24 = b24 ^ (~b34 & b44);
            a34 = b34 ^ (~b44 & b04);
            a44 = b44 ^ (~b04 & b14);
        }
        state.set(LANE, 0, a00);
        state.set(LANE, 8, a10);
        state.set(LANE, 16, a20);
        state.set(LANE, 24, a30);
        state.set(LANE, 32, a40);
        state.set(LANE, 40, a01);
        state.set(LANE, 48, a11);
        state.set(LANE, 56, a21);
        state.set(LANE, 64, a31);
        state.set(LANE, 72, a41);
        state.set(LANE, 80, a02);
        state.set(LANE, 88, a12);
        state.set(LANE, 96, a22);
        state.set(LANE, 104, a32);
        state.set(LANE, 112, a42);
        state.set(LANE, 120, a03);
        state.set(LANE, 128, a13);
        state.set(LANE, 136, a23);
        state.set(LANE, 144, a33);
        state.set(LANE, 152, a43);
        state.set(LANE, 160, a04);
        state.set(LANE, 168, a14);
        state.set(LANE, 176, a24);
        state.set(LANE, 184, a34);
        state.set(LANE, 192, a44);
    }
}
