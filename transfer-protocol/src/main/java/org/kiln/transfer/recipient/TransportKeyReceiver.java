package org.kiln.transfer.recipient;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenException;

/** Takes a transport key that a sender wrapped (RSA-OAEP) under this token's receiver key. */
public final class TransportKeyReceiver {

    private final RecipientToken token;

    public TransportKeyReceiver(RecipientToken token) {
        this.token = token;
    }

    /**
     * Unwraps the key into the token.
     *
     * @return its check value: 6 upper-case hexadecimal digits, to be compared with the sender's
     * @throws RecipientException.TransportKeyRefused if it does not unwrap
     * @throws TokenException if the token holds a key of this label
     */
    public String receive(String label, byte[] wrapped, KeyUse use) throws RecipientException {
        Session session = token.session();
        if (RecipientKeys.find(session, Ck.CKO_SECRET_KEY, label).isPresent()) {
            throw new TokenException("the token holds a key '" + label + "' already; agree on another label");
        }
        long receiver = new RecipientKeys(token).receiverPrivateKey();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, wrapped);
            long key = session.unwrapKey(
                    token.profile().oaep(), receiver, in, wrapped.length, RecipientTemplates.transportKey(label, use));
            return CheckValue.of(session, key);
        } catch (Pkcs11Exception e) {
            if (e.ckr().kind() == Ckr.Kind.DEVICE && e.ckr() != Ckr.GENERAL_ERROR && e.ckr() != Ckr.FUNCTION_FAILED) {
                throw e;
            }
            throw new RecipientException.TransportKeyRefused();
        }
    }
}
