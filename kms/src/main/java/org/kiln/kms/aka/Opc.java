package org.kiln.kms.aka;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** OPc = E(OP) ⊕ OP (TS 35.206 clause 4.1). */
public final class Opc {

    private Opc() {}

    /** Computes OPc from OP under the cipher's Ki into {@code out}; all of 16 octets, and the caller's to wipe. */
    public static void compute(BlockCipher cipher, MemorySegment op, MemorySegment out) {
        cipher.encrypt(op, 16, out);
        for (long at = 0; at < 16; at++) {
            out.set(ValueLayout.JAVA_BYTE, at, (byte)
                    (out.get(ValueLayout.JAVA_BYTE, at) ^ op.get(ValueLayout.JAVA_BYTE, at)));
        }
    }
}
