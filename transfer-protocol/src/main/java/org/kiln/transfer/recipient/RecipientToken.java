package org.kiln.transfer.recipient;

import java.nio.file.Path;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.FfmCryptoki;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.token.JcaToken;
import org.kiln.token.TokenProfile;
import org.kiln.token.Tokens;

/** The recipient's own token, logged in as its user. Used by one thread. */
public final class RecipientToken implements AutoCloseable {

    private final TokenProfile profile;
    private final Path module;
    private final long slot;
    private final Session session;

    private RecipientToken(TokenProfile profile, Path module, long slot, Session session) {
        this.profile = profile;
        this.module = module;
        this.slot = slot;
        this.session = session;
    }

    /**
     * Logs in to the token with this label.
     *
     * @throws org.kiln.token.TokenException if there is none
     * @throws org.kiln.pkcs11.Pkcs11Exception if it refuses the PIN
     */
    public static RecipientToken open(TokenProfile profile, Path module, String label, Secret pin) {
        FfmCryptoki cryptoki = FfmCryptoki.load(module);
        long slot = Tokens.labelled(cryptoki, label).slot();
        Session session = cryptoki.openSession(slot, true);
        try {
            session.login(Ck.CKU_USER, pin);
            return new RecipientToken(profile, module, slot, session);
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /** The session on which everything here runs. */
    public Session session() {
        return session;
    }

    public TokenProfile profile() {
        return profile;
    }

    /** The token through JCA, for the envelope's key. */
    JcaToken jca(Secret pin) {
        return JcaToken.open("Kiln-recipient-" + Long.toHexString(slot), module, slot, pin);
    }

    @Override
    public void close() {
        session.close();
    }
}
