package org.kiln.kms.auc;

import java.lang.foreign.MemorySegment;
import org.kiln.kms.aka.VectorKind;

/**
 * The challenges of one request.
 *
 * @param amf as it goes into f1
 * @param rands room for one RAND of 16 octets each, off the heap; an engine whose token makes RANDs overwrites them
 * @param sqns 48-bit sequence numbers, none used before
 */
record Challenge(VectorKind kind, int amf, MemorySegment rands, long[] sqns) {

    int count() {
        return sqns.length;
    }

    MemorySegment rand(int i) {
        return rands.asSlice(16L * i, 16);
    }
}
