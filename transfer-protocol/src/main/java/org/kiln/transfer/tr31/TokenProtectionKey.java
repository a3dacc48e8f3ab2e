package org.kiln.transfer.tr31;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;

/**
 * A KBPK that stays in a token; its MACs go to native memory. For the thread that uses the session.
 *
 * @param key the handle of an AES key with the right SIGN
 * @param octets of it: 16, 24 or 32
 */
public record TokenProtectionKey(Session session, long key, int octets) implements ProtectionKey {

    /** The key of this handle, whose length the token tells. */
    public static TokenProtectionKey of(Session session, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocate(ValueLayout.JAVA_LONG);
            session.getAttribute(key, Cka.VALUE_LEN, length);
            return new TokenProtectionKey(session, key, Math.toIntExact(length.get(ValueLayout.JAVA_LONG, 0)));
        }
    }

    @Override
    public void cmac(MemorySegment message, MemorySegment mac) {
        session.sign(Mechanism.of(Ckm.AES_CMAC), key, message, Math.toIntExact(message.byteSize()), mac);
    }
}
