package org.kiln.transfer.recipient;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;

/**
 * Reads wrapped values in the clear: in laboratories only, to check what was received. The token refuses unless the
 * transport key was received as {@link KeyUse#LABORATORY}.
 */
public final class LabReveal {

    private static final int LONGEST_VALUE = 64;

    private final RecipientToken token;
    private final long transportKey;
    private final Template readable;

    public LabReveal(RecipientToken token, String transportKeyLabel) throws RecipientException {
        this.token = token;
        transportKey = RecipientKeys.find(token.session(), Ck.CKO_SECRET_KEY, transportKeyLabel)
                .orElseThrow(() -> new RecipientException.UnknownTransportKey(transportKeyLabel));
        readable = RecipientTemplates.readableValue(token.profile().privateSessionObjects());
    }

    /** A value wrapped by AES-KWP, in the clear; the caller closes it. */
    public Secret reveal(String wrappedHex) throws RecipientException {
        Session session = token.session();
        byte[] blob = HexFormat.of().parseHex(wrappedHex);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, blob);
            long key = session.unwrapKey(token.profile().aesKeyWrapPadded(), transportKey, in, blob.length, readable);
            MemorySegment value = arena.allocate(LONGEST_VALUE);
            try {
                return Secret.copyOf(value, session.getAttribute(key, Cka.VALUE, value));
            } finally {
                value.fill((byte) 0);
                session.destroyObject(key);
            }
        } catch (Pkcs11Exception e) {
            throw new RecipientException.RevealRefused();
        }
    }
}
