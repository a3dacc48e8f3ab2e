package org.kiln.kms.server;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.kiln.kms.keys.KeyRoster;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenException;
import org.kiln.token.TokenProfile;

/**
 * What a token must pass before it serves: the self-test, and the same storage keys as the tokens that serve already.
 */
final class Admission implements Consumer<Session> {

    private final TokenProfile profile;
    private final Map<String, String> roster = new HashMap<>();

    Admission(TokenProfile profile) {
        this.profile = profile;
    }

    /** @throws TokenException naming what keeps the token out */
    @Override
    public synchronized void accept(Session session) {
        SelfTest.run(session, profile);
        Map<String, String> held = KeyRoster.read(session);
        roster.forEach((label, checkValue) -> {
            if (!checkValue.equals(held.get(label))) {
                throw new TokenException("the token holds " + (held.containsKey(label) ? "another" : "no") + " key '"
                        + label + "' than the tokens that serve: copy their storage keys to it (docs/ceremonies.md)");
            }
        });
        roster.putAll(held);
    }
}
