package org.kiln.pkcs11;

import java.util.List;
import org.kiln.secret.Secret;

/**
 * A loaded PKCS#11 module, initialised for the process.
 *
 * <p>Safe for use by many threads; each thread opens {@linkplain Session sessions} of its own. Every method throws
 * {@link Pkcs11Exception} for a return code other than {@code CKR_OK}.
 */
public interface Cryptoki {

    /** All slots that hold a token, initialised or not. */
    List<TokenInfo> tokens();

    /** The mechanisms that the token in {@code slot} offers. */
    List<MechanismInfo> mechanisms(long slot);

    /** Initialises the token in {@code slot} ({@code C_InitToken}); all its objects are lost. */
    void initToken(long slot, Secret soPin, String label);

    /** Opens a session; read-write sessions may make token objects. */
    Session openSession(long slot, boolean readWrite);

    /**
     * Finalises the module and initialises it anew, as some network modules need when their server was restarted. Ends
     * every session of this process in it. Nobody may be in a call of the module meanwhile.
     */
    void reinitialise();
}
