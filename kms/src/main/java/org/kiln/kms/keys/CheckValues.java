package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;

/** Check values that the token keeps beside its keys. */
public final class CheckValues {

    private CheckValues() {}

    /**
     * A key's {@code CKA_CHECK_VALUE}: 6 upper-case hexadecimal digits.
     *
     * @throws KeyException if the token keeps none
     */
    public static String zeroBlock(Session session, long key) {
        String kept = ofKept(session, key);
        if (kept.isEmpty()) {
            throw new KeyException("the token keeps no check value of a key");
        }
        return kept;
    }

    /** A key's {@code CKA_CHECK_VALUE}, or empty if the token keeps none. */
    static String ofKept(Session session, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(Kcv.ZERO_BLOCK_OCTETS);
            return session.getAttribute(key, Cka.CHECK_VALUE, value) == Kcv.ZERO_BLOCK_OCTETS
                    ? HexFormat.of().withUpperCase().formatHex(value.toArray(ValueLayout.JAVA_BYTE))
                    : "";
        }
    }
}
