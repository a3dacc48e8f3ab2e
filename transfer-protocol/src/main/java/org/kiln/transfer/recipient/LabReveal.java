package org.kiln.transfer.recipient;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.transfer.batch.Wrapping;

/**
 * Reads wrapped values in the clear: in laboratories, to check what was received. It is the token that refuses unless
 * the transport key was received for {@link KeyUse#LABORATORY}.
 */
public final class LabReveal {

    private final RecipientToken token;
    private final String label;
    private final long transportKey;

    /** @throws RecipientException.UnknownTransportKey if the token has no key of this label */
    public LabReveal(RecipientToken token, String transportKeyLabel) throws RecipientException {
        this.token = token;
        label = transportKeyLabel;
        transportKey = token.find(Ck.CKO_SECRET_KEY, label)
                .orElseThrow(() -> new RecipientException.UnknownTransportKey(label));
    }

    /** As {@link #reveal(Wrapping, String)}, for {@link Wrapping#AES_KWP}. */
    public Secret reveal(String wrappedHex) throws RecipientException {
        return reveal(Wrapping.AES_KWP, wrappedHex);
    }

    /**
     * A value in the clear; the caller closes it.
     *
     * @throws RecipientException.RevealRefused if the transport key was received for production
     * @throws Pkcs11Exception if the value does not unwrap
     */
    public Secret reveal(Wrapping wrapping, String wrappedHex) throws RecipientException {
        Session session = token.session();
        byte[] wrapped = HexFormat.of().parseHex(wrappedHex);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, wrapped);
            long key = session.unwrapKey(
                    token.unwrapping(wrapping, wrapped.length),
                    transportKey,
                    in,
                    wrapped.length,
                    token.templates().readableValue());
            try {
                return read(session, key, arena.allocate(wrapped.length));
            } finally {
                session.destroyObject(key);
            }
        } catch (Pkcs11Exception e) {
            if (e.ckr() == Ckr.TEMPLATE_INCONSISTENT) {
                throw new RecipientException.RevealRefused(label, e);
            }
            throw e;
        }
    }

    private Secret read(Session session, long key, MemorySegment scratch) throws RecipientException {
        long length = session.getAttribute(key, Cka.VALUE, scratch);
        if (length == Ck.UNAVAILABLE) {
            throw new RecipientException.RevealRefused(label, null);
        }
        Secret value = Secret.copyOf(scratch, length);
        scratch.fill((byte) 0);
        return value;
    }
}
