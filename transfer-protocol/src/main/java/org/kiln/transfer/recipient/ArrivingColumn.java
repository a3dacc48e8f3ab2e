package org.kiln.transfer.recipient;

import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.transfer.batch.BatchRecord;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.KcvConvention;

/** How the protected values of one column come into the token. */
sealed interface ArrivingColumn permits WrappedColumn, KeyBlockColumn {

    /** What is known of the column before its first value. */
    record Known(Column column, @Nullable KcvConvention convention, Rewrap rewrap, OtaUse otaUse) {

        private static final String SUBSCRIBER_KEY = "KI";

        String name() {
            return column.name();
        }

        Content content() {
            return Objects.requireNonNull(column.content());
        }

        /** A Ki encrypts, so that its card can be simulated; any other key has the right that its check value needs. */
        Set<Cka> rights() {
            Set<Cka> rights = EnumSet.noneOf(Cka.class);
            rights.addAll(otaUse.rights(name(), content()));
            if (name().equals(SUBSCRIBER_KEY) && content() == Content.AES_KEY) {
                rights.add(Cka.ENCRYPT);
            }
            if (convention != null) {
                rights.add(CheckValues.rightFor(convention));
            }
            return rights;
        }
    }

    /** The column. */
    Known known();

    /**
     * A value as an object of the session, which the caller destroys.
     *
     * @throws RecipientException if it does not open; the message names line and column
     */
    long bring(Session session, BatchRecord line) throws RecipientException;

    /**
     * Compares a key with the check value in its line.
     *
     * @return whether there is one
     * @throws RecipientException.CheckValueDiffers if it is that of another key
     */
    default boolean check(Session session, BatchRecord line, long key) throws RecipientException {
        KcvConvention convention = known().convention();
        if (convention == null) {
            return false;
        }
        String computed = known().content() == Content.DES_KEY
                ? CheckValues.ofDesKey(session, key)
                : CheckValues.compute(session, key, convention);
        if (!computed.startsWith(line.value(known().name() + Column.KCV_SUFFIX))) {
            throw new RecipientException.CheckValueDiffers(line.line(), known().name());
        }
        return true;
    }
}
