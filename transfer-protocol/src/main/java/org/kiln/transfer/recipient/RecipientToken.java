package org.kiln.transfer.recipient;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.FfmCryptoki;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.token.JcaToken;
import org.kiln.token.TokenException;
import org.kiln.token.TokenProfile;
import org.kiln.token.Tokens;
import org.kiln.transfer.batch.Wrapping;

/** The recipient's own token, its user logged in: one session, for one thread. Closing it destroys session objects. */
public final class RecipientToken implements AutoCloseable {

    private static final int AES_BLOCK = 16;
    private static final byte PYSIM_IV_OCTET = 0x23;

    private final TokenProfile profile;
    private final Path module;
    private final long slot;
    private final Session session;
    private final RecipientTemplates templates;

    private RecipientToken(TokenProfile profile, Path module, long slot, Session session) {
        this.profile = profile;
        this.module = module;
        this.slot = slot;
        this.session = session;
        templates = new RecipientTemplates(profile.privateSessionObjects());
    }

    /**
     * Logs in to the token with this label.
     *
     * @throws TokenException if there is none, or it refuses the PIN
     */
    public static RecipientToken open(TokenProfile profile, Path module, String label, Secret pin) {
        FfmCryptoki cryptoki = FfmCryptoki.load(module);
        long slot = Tokens.labelled(cryptoki, label).slot();
        Session session = cryptoki.openSession(slot, true);
        try {
            session.login(Ck.CKU_USER, pin);
            return new RecipientToken(profile, module, slot, session);
        } catch (Pkcs11Exception e) {
            session.close();
            throw explained(e, label);
        }
    }

    private static RuntimeException explained(Pkcs11Exception e, String label) {
        if (e.ckr().kind() != Ckr.Kind.PIN) {
            return e;
        }
        String advice = e.ckr() == Ckr.PIN_LOCKED ? "its security officer must unlock it" : "check the PIN";
        return new TokenException("token '" + label + "' refuses the user's PIN (CKR_" + e.ckr() + "); " + advice, e);
    }

    /** The session on which everything here runs. */
    public Session session() {
        return session;
    }

    public TokenProfile profile() {
        return profile;
    }

    /**
     * How the token unwraps a value.
     *
     * @param octets of the wrapped value
     * @throws RecipientException.WrappingNotOffered if its profile names no mechanism for that
     */
    Mechanism unwrapping(Wrapping wrapping, int octets) throws RecipientException {
        try {
            return switch (wrapping) {
                case AES_KWP -> profile.aesKeyUnwrapPadded();
                case AES_KW -> profile.aesKeyUnwrap();
                case AES_CBC_IV_23 -> profile.aesCbcUnwrap(pySimIv());
                case AES_ECB -> profile.aesEcbUnwrap(octets);
                case DES3_ECB -> profile.des3EcbUnwrap();
            };
        } catch (TokenException e) {
            throw new RecipientException.WrappingNotOffered(wrapping, octets, profile.family(), e);
        }
    }

    private static byte[] pySimIv() {
        byte[] iv = new byte[AES_BLOCK];
        Arrays.fill(iv, PYSIM_IV_OCTET);
        return iv;
    }

    RecipientTemplates templates() {
        return templates;
    }

    JcaToken jca(Secret pin) {
        return JcaToken.open("Kiln-recipient-" + Long.toHexString(slot), module, slot, pin);
    }

    /**
     * The token object of this class and label.
     *
     * @throws TokenException if there are several
     */
    Optional<Long> find(long objectClass, String label) {
        long[] found = session.findObjects(Template.builder()
                .with(Cka.CLASS, objectClass)
                .with(Cka.TOKEN, true)
                .label(label)
                .build());
        if (found.length > 1) {
            throw new TokenException(
                    "the token holds " + found.length + " objects '" + label + "' of one class; delete the wrong ones");
        }
        return found.length == 0 ? Optional.empty() : Optional.of(found[0]);
    }

    @Override
    public void close() {
        session.close();
    }
}
