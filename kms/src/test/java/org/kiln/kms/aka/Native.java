package org.kiln.kms.aka;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/** Native memory from hexadecimal and back, for tests. */
public final class Native {

    private Native() {}

    public static MemorySegment of(byte[] octets) {
        return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, octets);
    }

    public static MemorySegment hex(String hex) {
        return of(HexFormat.of().parseHex(hex));
    }

    public static MemorySegment zeros(long octets) {
        return Arena.ofAuto().allocate(octets, 8);
    }

    public static String hex(MemorySegment segment) {
        return HexFormat.of().formatHex(segment.toArray(ValueLayout.JAVA_BYTE));
    }
}
