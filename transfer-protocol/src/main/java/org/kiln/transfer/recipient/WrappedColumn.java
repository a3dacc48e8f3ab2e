package org.kiln.transfer.recipient;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.transfer.batch.BatchRecord;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.batch.Wrapping;

/**
 * How the values of one wrapped column come into the token.
 *
 * @param transportKey the object that unwraps them
 * @param content what they are
 * @param rights what they may do in the token
 * @param rewrap whether they may be wrapped again
 * @param convention of the check values beside them; null if there are none
 */
record WrappedColumn(
        String name,
        long transportKey,
        Wrapping wrapping,
        RecipientToken token,
        Content content,
        Set<Cka> rights,
        Rewrap rewrap,
        @Nullable KcvConvention convention) {

    private static final int SHORTEST_KEY = 16;
    private static final String SUBSCRIBER_KEY = "KI";

    static WrappedColumn of(
            Column column,
            long transportKey,
            @Nullable KcvConvention convention,
            RecipientToken token,
            Rewrap rewrap,
            OtaUse otaUse)
            throws RecipientException {
        Wrapping wrapping = Objects.requireNonNull(column.wrapping());
        token.unwrapping(wrapping, wrapping.wrappedKey(SHORTEST_KEY));
        Content content = Objects.requireNonNull(column.content());
        return new WrappedColumn(
                column.name(),
                transportKey,
                wrapping,
                token,
                content,
                rights(column, content, convention, otaUse),
                rewrap,
                convention);
    }

    /** A Ki encrypts, so that its card can be simulated; any other key has the right that its check value needs. */
    private static Set<Cka> rights(Column column, Content content, @Nullable KcvConvention convention, OtaUse otaUse) {
        Set<Cka> rights = EnumSet.noneOf(Cka.class);
        rights.addAll(otaUse.rights(column.name(), content));
        if (column.name().equals(SUBSCRIBER_KEY) && content == Content.AES_KEY) {
            rights.add(Cka.ENCRYPT);
        }
        if (convention != null) {
            rights.add(CheckValues.rightFor(convention));
        }
        return rights;
    }

    /** @throws RecipientException.WrappingNotOffered if the token cannot unwrap so
     * @throws RecipientException.ValueRefused if the value does not unwrap */
    long unwrap(Session session, BatchRecord line) throws RecipientException {
        byte[] wrapped = HexFormat.of().parseHex(line.value(name));
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
                throw new RecipientException.ValueRefused(line.line(), name, e);
            }
            throw e;
        }
    }

    private Template template(int wrappedOctets) {
        long keyType = RecipientTemplates.keyType(content, wrapping.keyIn(wrappedOctets));
        return token.templates().cardValue(keyType, rights, rewrap);
    }

    /**
     * Compares a key with the check value in its line.
     *
     * @return whether there is one
     * @throws RecipientException.CheckValueDiffers if it is that of another key
     */
    boolean check(Session session, BatchRecord line, long key) throws RecipientException {
        if (convention == null) {
            return false;
        }
        String computed = content == Content.DES_KEY
                ? CheckValues.ofDesKey(session, key)
                : CheckValues.compute(session, key, convention);
        if (!computed.startsWith(line.value(name + Column.KCV_SUFFIX))) {
            throw new RecipientException.CheckValueDiffers(line.line(), name);
        }
        return true;
    }
}
