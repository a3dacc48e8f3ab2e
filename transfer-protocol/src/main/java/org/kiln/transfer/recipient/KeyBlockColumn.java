package org.kiln.transfer.recipient;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.Set;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.secret.SecretAccess;
import org.kiln.transfer.batch.BatchRecord;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.tr31.TokenProtectionKey;
import org.kiln.transfer.tr31.Tr31;
import org.kiln.transfer.tr31.Tr31Exception;
import org.kiln.transfer.tr31.Tr31Header;

/**
 * A column of key blocks (ANSI X9.143). The host opens each, with CMACs of the token's: the key is in locked native memory until
 * the token has it, and is wiped then.
 *
 * @param protectionKey in the token
 * @param usage what each block must state
 * @param rights what the keys may do in the token
 */
record KeyBlockColumn(
        Known known, TokenProtectionKey protectionKey, String usage, RecipientTemplates templates, Set<Cka> rights)
        implements ArrivingColumn {

    private static final String ANY_MODE = "N";
    private static final char NOT_EXPORTABLE = 'N';

    /**
     * A column under a key of the token.
     *
     * @param octets of the key, which not every token tells of one that it unwrapped
     * @throws RecipientException.NoKeyBlockKey if the token's key of that label is for something else
     */
    static KeyBlockColumn of(Known known, long protectionKey, int octets, RecipientToken token)
            throws RecipientException {
        if (!signs(token.session(), protectionKey)) {
            throw new RecipientException.NoKeyBlockKey(
                    Objects.requireNonNull(known.column().keyLabel()), known.name());
        }
        return new KeyBlockColumn(
                known,
                new TokenProtectionKey(token.session(), protectionKey, octets),
                Objects.requireNonNull(known.column().keyUsage()),
                token.templates(),
                known.rights());
    }

    private static boolean signs(Session session, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(1);
            return session.getAttribute(key, Cka.SIGN, answer) == 1 && answer.get(ValueLayout.JAVA_BYTE, 0) == 1;
        }
    }

    /**
     * As {@link ArrivingColumn}.
     *
     * @throws RecipientException.KeyBlockRefused if the block is malformed, changed, or under another key
     * @throws RecipientException.KeyBlockMisfits if it states another use than its column, or holds another kind of key
     */
    @Override
    public long bring(Session session, BatchRecord line) throws RecipientException {
        try (Tr31.Unwrapped opened = Tr31.unwrap(protectionKey, line.value(known.name()))) {
            requireFit(opened, line.line());
            long keyType = RecipientTemplates.keyType(
                    known.content(), Math.toIntExact(opened.key().size()));
            return session.createObject(templates.cardValue(
                    keyType, rights, known.rewrap(), opened.key().expose(SecretAccess.granted())));
        } catch (Tr31Exception e) {
            throw new RecipientException.KeyBlockRefused(line.line(), known.name(), e);
        }
    }

    private void requireFit(Tr31.Unwrapped opened, long line) throws RecipientException {
        Tr31Header header = opened.header();
        String algorithm = known.content() == Content.DES_KEY ? "T" : "A";
        require(header.usage().equals(usage), line, "is of usage " + header.usage() + ", not " + usage);
        require(
                header.algorithm().equals(algorithm),
                line,
                "is of algorithm " + header.algorithm() + ", not " + algorithm);
        require(header.mode().equals(ANY_MODE), line, "has the mode of use " + header.mode() + ", not " + ANY_MODE);
        require(
                header.exportability() != NOT_EXPORTABLE || known.rewrap() == Rewrap.FORBIDDEN,
                line,
                "must not be wrapped again");
        require(
                known.content()
                        .keyOctets()
                        .contains(Math.toIntExact(opened.key().size())),
                line,
                "has " + opened.key().size() + " octets");
    }

    private void require(boolean holds, long line, String otherwise) throws RecipientException {
        if (!holds) {
            throw new RecipientException.KeyBlockMisfits(line, known.name(), otherwise);
        }
    }
}
