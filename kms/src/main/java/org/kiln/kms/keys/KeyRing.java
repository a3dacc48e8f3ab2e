package org.kiln.kms.keys;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/** Finds Kiln's keys in a token by label, and remembers their handles for the life of the login. */
public final class KeyRing {

    private final ConcurrentMap<String, Long> secretKeys = new ConcurrentHashMap<>();

    /**
     * The handle of the one secret key with this label.
     *
     * @throws KeyException if there is none
     */
    public long secretKey(Session session, String label) {
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
    void forget(String label) {
        secretKeys.remove(label);
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
