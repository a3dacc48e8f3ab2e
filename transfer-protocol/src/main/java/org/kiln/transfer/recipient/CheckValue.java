package org.kiln.transfer.recipient;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenException;

/** The check value that a token keeps of a key ({@code CKA_CHECK_VALUE}). */
final class CheckValue {

    private static final int OCTETS = 3;

    private CheckValue() {}

    static String of(Session session, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(OCTETS);
            if (session.getAttribute(key, Cka.CHECK_VALUE, value) != OCTETS) {
                throw new TokenException("the token keeps no check value of its keys");
            }
            return HexFormat.of().withUpperCase().formatHex(value.toArray(ValueLayout.JAVA_BYTE));
        }
    }
}
