package org.kiln.kms.keys;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/**
 * Storage keys as objects of the session that uses them: locked copies, which unwrap and do nothing else, of the unlocked ones of a
 * laboratory's token. Other keys are used where they are.
 */
final class SessionStorageKeys implements UnwrappingKeys {

    private static final Template LOCKED_COPY = KeyPolicy.storageKeyOfSession();

    private final KeyRing ring;

    /** A session is used by one thread at a time, and so are the objects that it made. */
    private final Map<Session, Map<String, Long>> bySession = Collections.synchronizedMap(new WeakHashMap<>());

    SessionStorageKeys(KeyRing ring) {
        this.ring = ring;
    }

    @Override
    public long of(Session session, String label) {
        if (!KeyLabels.isStorage(label)) {
            return ring.secretKey(session, label);
        }
        Map<String, Long> copies = bySession.computeIfAbsent(session, _ -> new HashMap<>());
        Long known = copies.get(label);
        if (known != null) {
            return known;
        }
        long copy = session.copyObject(unlocked(session, KeyLabels.unlocked(label)), LOCKED_COPY);
        copies.put(label, copy);
        return copy;
    }

    private long unlocked(Session session, String label) {
        try {
            return ring.secretKey(session, label);
        } catch (KeyException e) {
            throw new KeyException(
                    e.getMessage()
                            + ", which hsm.kek: session wants and 'kiln init --session-kek' makes for a new laboratory:"
                            + " set hsm.kek to 'token'",
                    e);
        }
    }

    @Override
    public void forget(Session session, String label) {
        ring.forget(session, label);
        ring.forget(session, KeyLabels.unlocked(label));
        bySession.computeIfAbsent(session, _ -> new HashMap<>()).remove(label);
    }
}
