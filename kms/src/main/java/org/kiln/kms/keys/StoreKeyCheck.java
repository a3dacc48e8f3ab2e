package org.kiln.kms.keys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenProfile;

/**
 * Check values of the keys of the store, by what each is allowed to do: a storage key wraps a known key, the record
 * master computes CMAC over a zero block. Tokens keep no {@code CKA_CHECK_VALUE} of keys that were restored.
 */
final class StoreKeyCheck {

    private static final int OCTETS = 5;
    private static final int BLOCK = 16;
    private static final int LONGEST_BLOB = 64;

    private StoreKeyCheck() {}

    /** The check value of the key with this label: {@value #OCTETS} octets, upper-case hexadecimal. */
    static String of(Session session, TokenProfile profile, String label) {
        long key = new KeyRing().secretKey(session, label);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = arena.allocate(BLOCK);
            MemorySegment out = arena.allocate(LONGEST_BLOB);
            if (label.equals(KeyLabels.RECORD_MASTER)) {
                session.sign(Mechanism.of(Ckm.AES_CMAC), key, zeros, BLOCK, out);
            } else {
                wrapKnownKey(session, profile, key, zeros, out);
            }
            return HexFormat.of().withUpperCase().formatHex(out.toArray(ValueLayout.JAVA_BYTE), 0, OCTETS);
        }
    }

    private static void wrapKnownKey(
            Session session, TokenProfile profile, long key, MemorySegment value, MemorySegment out) {
        KeyPolicy policy = new KeyPolicy(profile.privateSessionObjects());
        long known = session.createObject(policy.publishedExample(value, Cka.ENCRYPT));
        try {
            session.wrapKey(profile.aesKeyWrapPadded(), key, known, out);
        } finally {
            session.destroyObject(known);
        }
    }
}
