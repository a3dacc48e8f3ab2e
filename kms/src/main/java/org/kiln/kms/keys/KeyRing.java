package org.kiln.kms.keys;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/**
 * Finds Kiln's keys in a token by label, and remembers their handles as long as the session asked lives: handles differ
 * from token to token, and from one life of a token to the next.
 */
public final class KeyRing {

    /** A session is used by one thread at a time, and so are the handles found through it. */
    private final Map<Session, Map<String, Long>> bySession = Collections.synchronizedMap(new WeakHashMap<>());

    /**
     * The handle of the one secret key with this label.
     *
     * @throws KeyException if there is none
     */
    public long secretKey(Session session, String label) {
        Map<String, Long> secretKeys = bySession.computeIfAbsent(session, any -> new HashMap<>());
        Long known = secretKeys.get(label);
        if (known != null) {
            return known;
        }
        long handle = find(session, Ck.CKO_SECRET_KEY, label)
                .orElseThrow(() -> new KeyException("the token holds no key labelled '" + label + "'"));
        secretKeys.put(label, handle);
        return handle;
    }

    /** Forgets a handle that the token no longer knows. */
    void forget(Session session, String label) {
        bySession.computeIfAbsent(session, any -> new HashMap<>()).remove(label);
    }

    /** The private token object of this class and label, if there is exactly one. */
    static Optional<Long> find(Session session, long objectClass, String label) {
        long[] found = session.findObjects(Template.builder()
                .with(Cka.CLASS, objectClass)
                .with(Cka.TOKEN, true)
                .with(Cka.PRIVATE, true)
                .label(label)
                .build());
        if (found.length > 1) {
            throw new KeyException("the token holds " + found.length + " keys labelled '" + label
                    + "': an officer must remove the wrong");
        }
        return found.length == 0 ? Optional.empty() : Optional.of(found[0]);
    }
}
