package org.kiln.kms.server;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.kiln.kms.keys.KeyRoster;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenException;
import org.kiln.token.TokenProfile;

/**
 * What a token must pass before it serves: the self-test; and it must hold the keys that the store needs, the same as
 * the tokens that serve already.
 */
final class Admission implements Consumer<Session> {

    private final TokenProfile profile;
    private final Supplier<Set<Integer>> liveVersions;
    private final Map<String, String> known = new HashMap<>();

    /** @param liveVersions of the storage keys */
    Admission(TokenProfile profile, Supplier<Set<Integer>> liveVersions) {
        this.profile = profile;
        this.liveVersions = liveVersions;
    }

    /** @throws TokenException naming what keeps the token out */
    @Override
    public synchronized void accept(Session session) {
        SelfTest.run(session, profile);
        Map<String, String> held = KeyRoster.read(session, profile);
        for (String label : KeyRoster.needed(liveVersions.get())) {
            String checkValue = held.get(label);
            if (checkValue == null) {
                throw new TokenException("the token holds no key '" + label
                        + "': bring the storage keys into it with 'kiln storage-key bring' (docs/ceremonies.md)");
            }
            if (!known.getOrDefault(label, checkValue).equals(checkValue)) {
                throw new TokenException("the token holds another key '" + label
                        + "' than the tokens that serve: it belongs to another node, or the backup was of"
                        + " another (docs/ceremonies.md)");
            }
            known.put(label, checkValue);
        }
    }
}
