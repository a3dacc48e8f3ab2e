package org.kiln.kms.keys;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/**
 * Finds Kiln's keys in a token by label, and remembers their handles as long as the session asked lives: handles differ
 * from token to token, and from one life of a token to the next.
 */
public final class KeyRing {

    /** A session is used by one thread at a time, and so are the handles found through it. */
    private final Map<Session, Map<Name, Long>> bySession = Collections.synchronizedMap(new WeakHashMap<>());

    /**
     * The handle of the one secret key with this label.
     *
     * @throws KeyException if there is none
     */
    public long secretKey(Session session, String label) {
        return handle(session, new Name(Ck.CKO_SECRET_KEY, label));
    }

    /**
     * The handle of the one private key with this label.
     *
     * @throws KeyException if there is none
     */
    long privateKey(Session session, String label) {
        return handle(session, new Name(Ck.CKO_PRIVATE_KEY, label));
    }

    private long handle(Session session, Name name) {
        Map<Name, Long> handles = bySession.computeIfAbsent(session, any -> new HashMap<>());
        Long known = handles.get(name);
        if (known != null) {
            return known;
        }
        long handle = find(session, name.objectClass, name.label).orElseThrow(() -> absent(session, name));
        handles.put(name, handle);
        return handle;
    }

    /** Who is not logged in sees no private key: then nothing is said about the key. */
    private static RuntimeException absent(Session session, Name name) {
        long state = session.state();
        return state == Ck.CKS_RW_USER_FUNCTIONS || state == Ck.CKS_RO_USER_FUNCTIONS
                ? new KeyException("the token holds no key labelled '" + name.label + "'")
                : new Pkcs11Exception("C_FindObjects", Ckr.USER_NOT_LOGGED_IN.code());
    }

    private record Name(long objectClass, String label) {}

    /** Forgets a handle that the token no longer knows. */
    void forget(Session session, String label) {
        bySession.computeIfAbsent(session, any -> new HashMap<>()).remove(new Name(Ck.CKO_SECRET_KEY, label));
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
