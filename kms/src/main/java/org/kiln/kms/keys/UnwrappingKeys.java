package org.kiln.kms.keys;

import org.kiln.pkcs11.Session;

/** The keys that stored keys are unwrapped under, as a session reaches them. */
interface UnwrappingKeys {

    /** The key's handle in the session. */
    long of(Session session, String label);

    /** Forgets a handle that the token no longer knows. */
    void forget(Session session, String label);

    /** The keys of the place given. */
    static UnwrappingKeys in(KekPlace place, KeyRing ring) {
        return switch (place) {
            case TOKEN -> new InToken(ring);
            case SESSION -> new SessionStorageKeys(ring);
        };
    }

    /** Token objects, as the ceremonies made them. */
    record InToken(KeyRing ring) implements UnwrappingKeys {

        @Override
        public long of(Session session, String label) {
            return ring.secretKey(session, label);
        }

        @Override
        public void forget(Session session, String label) {
            ring.forget(session, label);
        }
    }
}
