package org.kiln.kms.aka;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A synchronisation failure token (TS 33.102 clause 6.3.3): (SQN_MS ⊕ AK*) ‖ MAC-S.
 *
 * @param octets 14, or more where TUAK's MAC is longer than 64 bits
 */
public record Auts(byte[] octets) {

    private static final int SQN = 6;

    /** SQN_MS ⊕ AK*, 48 bits. */
    public long concealedSqn() {
        long concealed = 0;
        for (int i = 0; i < SQN; i++) {
            concealed = (concealed << 8) | (octets[i] & 0xff);
        }
        return concealed;
    }

    /** Whether its MAC-S has {@code length} octets and is this one, in time that does not depend on the values. */
    public boolean macSIs(MemorySegment macS, int length) {
        if (octets.length != SQN + length) {
            return false;
        }
        int difference = 0;
        for (int i = 0; i < length; i++) {
            difference |= octets[SQN + i] ^ macS.get(ValueLayout.JAVA_BYTE, i);
        }
        return difference == 0;
    }

    @Override
    public String toString() {
        return "Auts[" + octets.length + " octets]";
    }
}
