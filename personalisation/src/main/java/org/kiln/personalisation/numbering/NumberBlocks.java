package org.kiln.personalisation.numbering;

import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.kiln.kms.store.Database;

/**
 * Which numbers of the ranges were given. They are taken within the transaction of whoever wants them; such transactions
 * run as if one after another, so that no two get the same.
 */
public final class NumberBlocks {

    private final Database database;

    public NumberBlocks(Database database) {
        this.database = database;
    }

    /**
     * Takes {@code quantity} consecutive numbers within the caller's transaction: released ones if so many stand
     * together, else the next that were never given.
     *
     * @return the first of them, with leading zeros and without check digits
     * @throws RangeException if the range has not so many left
     */
    public static String take(Connection connection, NumberRange range, long quantity, String orderId)
            throws SQLException {
        Optional<NumberBlock> released =
                BlockTable.select(connection, range, "and state = 'RELEASED' order by first").stream()
                        .filter(block -> block.count() >= quantity)
                        .findFirst();
        if (released.isPresent()) {
            return retake(connection, released.get(), quantity, orderId);
        }
        BigInteger next = next(connection, range);
        if (next.add(BigInteger.valueOf(quantity)).compareTo(range.past()) > 0) {
            throw new RangeException("number range '" + range.name() + "' has "
                    + range.past().subtract(next).max(BigInteger.ZERO) + " numbers left, " + quantity
                    + " are wanted; order fewer or name another range");
        }
        String first = NumberRanges.padded(next, range.digits());
        BlockTable.insert(
                connection, new NumberBlock(range.kind(), first, quantity, NumberBlock.State.TAKEN, orderId, null));
        return first;
    }

    /** The first number behind all blocks of a range. */
    static BigInteger next(Connection connection, NumberRange range) throws SQLException {
        return BlockTable.select(connection, range, "order by first desc limit 1").stream()
                .map(last -> last.span().past())
                .reduce(new BigInteger(range.first()), BigInteger::max);
    }

    private static String retake(Connection connection, NumberBlock released, long quantity, String orderId)
            throws SQLException {
        BlockTable.delete(connection, released);
        BlockTable.insert(
                connection,
                new NumberBlock(released.kind(), released.first(), quantity, NumberBlock.State.TAKEN, orderId, null));
        NumberSpan rest = new NumberSpan(
                released.span().first().add(BigInteger.valueOf(quantity)),
                released.span().past());
        if (!rest.isEmpty()) {
            BlockTable.insert(connection, released.part(rest));
        }
        return released.first();
    }

    /** Which numbers of a range were given, in order. */
    public List<NumberBlock> of(NumberRange range) {
        return database.read(connection -> BlockTable.select(connection, range, "order by first"));
    }

    /** Keeps a cancelled order's numbers from being given again, within the caller's transaction. */
    public static void quarantine(Connection connection, String orderId, String reason) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "update number_block set state = 'QUARANTINED', reason = ? where order_id = ? and state = 'TAKEN'")) {
            update.setString(1, reason);
            update.setString(2, orderId);
            update.executeUpdate();
        }
    }
}
