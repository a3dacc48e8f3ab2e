package org.kiln.transfer.recipient;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.transfer.batch.BatchRecord;
import org.kiln.transfer.batch.Wrapping;

/**
 * A column of wrapped values, which the token unwraps.
 *
 * @param transportKey the object that unwraps them
 * @param rights what they may do in the token
 */
record WrappedColumn(Known known, long transportKey, Wrapping wrapping, RecipientToken token, Set<Cka> rights)
        implements ArrivingColumn {

    private static final int SHORTEST_KEY = 16;

    /** @throws RecipientException.WrappingNotOffered if the token cannot unwrap so */
    static WrappedColumn of(Known known, long transportKey, RecipientToken token) throws RecipientException {
        Wrapping wrapping = Objects.requireNonNull(known.column().wrapping());
        token.unwrapping(wrapping, wrapping.wrappedKey(SHORTEST_KEY));
        return new WrappedColumn(known, transportKey, wrapping, token, known.rights());
    }

    /** @throws RecipientException.WrappingNotOffered if the token cannot unwrap so
     * @throws RecipientException.ValueRefused if the value does not unwrap */
    @Override
    public long bring(Session session, BatchRecord line) throws RecipientException {
        byte[] wrapped = HexFormat.of().parseHex(line.value(known.name()));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, wrapped);
            return session.unwrapKey(
                    token.unwrapping(wrapping, wrapped.length),
                    transportKey,
                    in,
                    wrapped.length,
                    template(wrapped.length));
        } catch (Pkcs11Exception e) {
            if (TokenRefusal.of(e)) {
                throw new RecipientException.ValueRefused(line.line(), known.name(), e);
            }
            throw e;
        }
    }

    private Template template(int wrappedOctets) {
        long keyType = RecipientTemplates.keyType(known.content(), wrapping.keyIn(wrappedOctets));
        return token.templates().cardValue(keyType, rights, known.rewrap());
    }
}
